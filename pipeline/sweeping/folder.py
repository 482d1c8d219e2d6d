"""The folder of a sweep: its plan, a line for each run, the choice, and the results on test.

Each record is written as soon as it is known, and read again when the sweep goes on.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from hidden_test_spec.durable import append_durably, write_atomically
from hidden_test_spec.errors import quote
from pipeline.errors import BadInputError
from pipeline.folders import check_new
from pipeline.sweeping.values import ChosenArchitecture, LookAtTest, SweepPlan, SweepRun

_PLAN, _RUNS, _CHOICE, _LOOKS = "plan.json", "runs.jsonl", "choice.json", "test.jsonl"

_Record = TypeVar("_Record", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepFolder:
    """The records in a folder.

    Every method raises OSError where a file can't be read or written, and BadInputError where
    a record is damaged.
    """

    root: Path

    def claim(self, plan: SweepPlan) -> None:
        """Make the folder, or make sure that it is this plan's.

        Raises:
            BadInputError: If its name is taken by something else, or if it is taken by a sweep with
                another plan.
        """
        path = self.root / _PLAN
        if not path.exists():
            check_new(self.root)
            self.root.mkdir(parents=True, exist_ok=True)
            write_atomically(path, plan.model_dump_json(indent=2) + "\n")
        elif _read(path, SweepPlan) != [plan]:
            problem = "it belongs to a sweep with another plan or data set"
            raise _folder_error(self.root, problem)

    def runs(self) -> list[SweepRun]:
        """The last record of each run, since a failed run may have been tried again."""
        return list({run.key: run for run in _read(self.root / _RUNS, SweepRun)}.values())

    def finished(self) -> list[SweepRun]:
        """The runs that left an export."""
        return [run for run in self.runs() if run.problem is None]

    def export_of(self, run: SweepRun) -> Path:
        """Where a run leaves its fine-tuned export."""
        return self.root / "runs" / f"{run.architecture}-seed{run.seed}" / "fine_tuned.pkl"

    def choice(self) -> ChosenArchitecture | None:
        """The choice made on val; None as long as nothing is chosen."""
        found = _read(self.root / _CHOICE, ChosenArchitecture)
        return found[0] if found else None

    def looks(self) -> list[LookAtTest]:
        """The results on test so far."""
        return _read(self.root / _LOOKS, LookAtTest)

    def add_run(self, run: SweepRun) -> None:
        """Add the record of a run."""
        _append(self.root / _RUNS, run)

    def add_choice(self, choice: ChosenArchitecture) -> None:
        """Write down the choice, in place of an earlier one; from then on test may be used."""
        write_atomically(self.root / _CHOICE, choice.model_dump_json() + "\n")

    def add_look(self, look: LookAtTest) -> None:
        """Add one run's results on test."""
        _append(self.root / _LOOKS, look)


def _folder_error(path: Path, problem: str) -> BadInputError:
    return BadInputError(
        what=f"The sweep can't go on: {problem}",
        where=str(path),
        advice="use the same data set and options as before, or name another folder with --out",
    )


def _append(path: Path, record: BaseModel) -> None:
    append_durably(path, record.model_dump_json() + "\n")


def _read(path: Path, kind: type[_Record]) -> list[_Record]:
    """The records of a file, one JSON value, or one per line; none if there is no file."""
    if not path.exists():
        return []
    text = path.read_text("utf-8")
    # Not splitlines, which also splits at Unicode line separators that a text may hold.
    documents = filter(None, text.split("\n")) if path.suffix == ".jsonl" else [text]
    try:
        return [kind.model_validate_json(one) for one in documents]
    except ValidationError as error:
        problem = f"{quote(path.name)} is damaged; remove its last line, or the file"
        raise _folder_error(path.parent, problem) from error
