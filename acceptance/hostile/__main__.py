"""The command behind `nox -s hostile`: tries a folder of hostile exports on every command.

Each file goes through `grader inspect`, `check` and `evaluate`, each in its own process and its
own empty folder, with canaries set out for it.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from acceptance.hostile.cases import CONTROL, Case, read_cases
from acceptance.hostile.judging import MAX_WALL_S, faults_of, said
from acceptance.hostile.runs import COMMANDS, Graded, Hall, graded, try_command, write_spec
from acceptance.watched.commands import Run

PIPED_WIDTH = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One command on one file, and everything that is wrong about it."""

    case: Case
    command: str
    run: Run
    faults: tuple[str, ...]


def main(
    folder: Annotated[Path, typer.Argument(help="Holds index.tsv, files and images.")],
    *,
    only: Annotated[str, typer.Option(help="Only files whose name or technique holds this.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes at a time.")] = 2,
) -> None:
    """Try the files of FOLDER; exit with 1 if one doesn't end as its index says."""
    cases = read_cases(folder.resolve())
    chosen = [case for case in cases if only in f"{case.file.name} {case.technique}"]
    if not chosen:
        raise typer.BadParameter(f"no file's name or technique holds {only!r}")
    with tempfile.TemporaryDirectory() as name:
        hall = Hall(images=folder.resolve() / "images", spec=Path(name) / "spec.toml")
        write_spec(hall.images, hall.spec)
        control = _control(cases, hall)
        trials = list(_trials(chosen, hall, control, n_jobs=jobs))
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    console.print(_table(trials))
    for line in _summary(trials, control):
        console.print(line, markup=False)
    if any(trial.faults for trial in trials):
        raise typer.Exit(1)


def _control(cases: Sequence[Case], hall: Hall) -> Graded | None:
    """The honest file's score; None if there is no such file or it can't be graded."""
    for case in cases:
        if case.group == CONTROL:
            run = try_command(case, "evaluate", hall)
            return graded(run) if run.exit_code == 0 else None
    return None


def _trials(
    cases: Sequence[Case], hall: Hall, control: Graded | None, *, n_jobs: int
) -> Iterator[Trial]:
    pairs = [(case, command) for case in cases for command in COMMANDS]
    with ThreadPoolExecutor(n_jobs) as pool:
        runs = pool.map(lambda pair: try_command(pair[0], pair[1], hall), pairs)
        shown = track(runs, "commands", total=len(pairs), console=Console(stderr=True))
        first = list(zip(pairs, shown, strict=True))
    for (case, command), run in first:
        # A run that was slow beside another one is measured again, alone.
        last = try_command(case, command, hall) if run.wall_s > MAX_WALL_S else run
        found = faults_of(case, command, last, control)
        yield Trial(case=case, command=command, run=last, faults=found)


def _table(trials: Sequence[Trial]) -> Table:
    table = Table(title="Hostile files", title_justify="left")
    for heading in ("file", "class", "command", "exit", "seconds", "MiB", "outcome"):
        table.add_column(heading)
    for trial in trials:
        run = trial.run
        table.add_row(
            trial.case.file.name,
            trial.case.group,
            trial.command,
            str(run.exit_code),
            f"{run.wall_s:.1f}",
            f"{run.peak_bytes / 1024**2:.0f}",
            Text("; ".join(trial.faults), "red") if trial.faults else Text(said(run)[:100]),
        )
    return table


def _summary(trials: Sequence[Trial], control: Graded | None) -> Iterator[str]:
    failed = [trial for trial in trials if trial.faults]
    for trial in failed:
        yield f"FAILED {trial.case.file.name} {trial.command}: {'; '.join(trial.faults)}"
    n_fired = sum(bool(trial.run.fired) for trial in trials)
    slowest = max(trials, key=lambda trial: trial.run.wall_s)
    largest = max(trials, key=lambda trial: trial.run.peak_bytes)
    yield f"Control: {control}"
    yield f"{len(trials) - len(failed)} of {len(trials)} commands came to what the index says."
    yield f"Canaries fired in {n_fired} of them."
    yield f"Slowest: {slowest.run.wall_s:.1f} s ({slowest.case.file.name} {slowest.command})."
    yield (
        f"Largest: {largest.run.peak_bytes / 1024**2:.0f} MiB "
        f"({largest.case.file.name} {largest.command})."
    )


if __name__ == "__main__":
    typer.run(main)
