"""The command behind `nox -s compat`: grades a folder of real exports and checks every answer.

Every export is graded by the library call, in processes that serve several; some are graded once
more by the command itself. All of this is watched: nothing that a file names may be imported or
called.
"""

import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import track

from acceptance.exports.compat_tables import extremes, rows_table, tally, versions_table
from acceptance.exports.corpus import Row, read_rows, softmax
from acceptance.exports.grading_commands import graded_by_command
from acceptance.exports.judging import Judgement, judge
from acceptance.exports.outcomes import Outcome, outcome_of
from acceptance.exports.workers import WorkerPlan, replies

N_EXPORTS_OF_A_PROCESS = 25
LIMIT_S = 120.0
PIPED_WIDTH = 160

_Item = TypeVar("_Item")


class Commands(StrEnum):
    """Which exports are graded by the command too."""

    NONE = "none"
    SAMPLE = "sample"
    ALL = "all"


def main(
    folder: Annotated[Path, typer.Argument(help="Holds index.tsv, exports and images.")],
    *,
    only: Annotated[str, typer.Option(help="Only exports whose path holds this.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes at a time.")] = 2,
    commands: Annotated[
        Commands, typer.Option(help="Which exports are graded by the command too.")
    ] = Commands.SAMPLE,
    against_fastai: Annotated[
        bool,
        typer.Option(
            "--against-fastai", help="Also load them by fastai, which runs what they say."
        ),
    ] = False,
) -> None:
    """Grade the exports of FOLDER; exit with 1 if one doesn't end as its index expects."""
    rows = [row for row in read_rows(folder.resolve()) if only in row.name]
    if not rows:
        raise typer.BadParameter(f"no export's path holds {only!r}")
    judged = _judged_by_library(rows, n_jobs=jobs)
    repeated = _judged_by_command(_chosen(rows, commands), n_jobs=jobs)
    beside = _judged_by_fastai(rows, n_jobs=jobs) if against_fastai else None
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    console.print(rows_table(judged))
    console.print(versions_table(judged, beside))
    for how, found in (("library call", judged), ("command itself", repeated)):
        said = "; ".join((str(tally(found)), *extremes(found)))
        console.print(f"By the {how}: {said}.", markup=False)
    failed = [one for one in (*judged, *repeated) if one.faults]
    for one in failed:
        console.print(f"FAILED {one.row.name}: {'; '.join(one.faults)}", markup=False)
    if failed:
        raise typer.Exit(1)


def _chosen(rows: Sequence[Row], commands: Commands) -> list[Row]:
    """The first export of each version, and the first that is refused for each reason."""
    if commands is Commands.NONE:
        return []
    if commands is Commands.ALL:
        return list(rows)
    first = {(row.fastai if row.is_gradable else row.why): row for row in reversed(rows)}
    return list(first.values())


def _judged_by_library(rows: Sequence[Row], *, n_jobs: int) -> list[Judgement]:
    outcomes = _outcomes(rows, "acceptance.exports.grading_worker", n_jobs=n_jobs)
    return [judge(row, outcome) for row, outcome in zip(rows, outcomes, strict=True)]


def _judged_by_command(rows: Sequence[Row], *, n_jobs: int) -> list[Judgement]:
    with ThreadPoolExecutor(n_jobs) as pool:
        outcomes = pool.map(lambda row: graded_by_command(row, limit_s=LIMIT_S), rows)
        return [
            judge(row, outcome)
            for row, outcome in zip(rows, _shown(outcomes, len(rows), "commands"), strict=True)
        ]


def _judged_by_fastai(rows: Sequence[Row], *, n_jobs: int) -> list[Judgement]:
    outcomes = _outcomes(rows, "acceptance.exports.fastai_worker", n_jobs=n_jobs)
    return [
        judge(row, _as_probabilities(row, outcome))
        for row, outcome in zip(rows, outcomes, strict=True)
    ]


def _outcomes(rows: Sequence[Row], module: str, *, n_jobs: int) -> list[Outcome]:
    plan = WorkerPlan(
        module=module, n_requests=N_EXPORTS_OF_A_PROCESS, limit_s=LIMIT_S, n_jobs=n_jobs
    )
    requests = [{"export": str(row.export), "images": str(row.images)} for row in rows]
    return [outcome_of(reply) for reply in _shown(replies(plan, requests), len(rows), module)]


def _shown(items: Iterable[_Item], n_items: int, what: str) -> Iterable[_Item]:
    """The same items, with progress on standard error."""
    return track(items, what, total=n_items, console=Console(stderr=True))


def _as_probabilities(row: Row, outcome: Outcome) -> Outcome:
    """Turn scores into probabilities where fastai doesn't, as was done for the reference."""
    if outcome.answers is None or not row.are_scores:
        return outcome
    probabilities = softmax(outcome.answers.probabilities)
    return replace(outcome, answers=replace(outcome.answers, probabilities=probabilities))


if __name__ == "__main__":
    typer.run(main)
