"""The command behind `nox -s corpus`: makes exports in environments of their day.

What is there already is kept, so a run that was stopped goes on where it stood.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from acceptance.making.drawing import draw_ground, draw_tests
from acceptance.making.environments import ENVIRONMENTS, Environment
from acceptance.making.indexing import write_index
from acceptance.making.installing import InstallError, installed
from acceptance.making.scripts import Job, run_scripts


def main(
    out: Annotated[Path, typer.Argument(help="Gets index.tsv, exports and photos.")],
    *,
    only: Annotated[str, typer.Option(help="Only environments whose name holds this.")] = "",
    patterns: Annotated[str, typer.Option(help="Only patterns whose name holds this.")] = "",
    environments: Annotated[
        Path | None, typer.Option(help="Where they are built; OUT-environments by default.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the environments.")] = False,
) -> None:
    """Make the exports of every environment in OUT, and its index."""
    chosen = [one for one in ENVIRONMENTS if only in one.name]
    if not chosen:
        raise typer.BadParameter(f"no environment's name holds {only!r}")
    corpus = out.resolve()
    homes = (environments or corpus.with_name(f"{corpus.name}-environments")).resolve()
    job = Job(corpus=corpus, homes=homes, only=patterns)
    draw_tests(corpus)
    draw_ground(homes / "ground")
    console = Console(stderr=True)
    failed: list[str] = []
    for environment in chosen:
        console.print(f"{environment.name}: installing it, then making its exports", markup=False)
        failed += _problems(environment, job, is_kept=keep)
        console.print(f"{write_index(corpus)} exports in {corpus / 'index.tsv'}", markup=False)
    for said in failed:
        console.print(f"FAILED {said}", markup=False)
    if failed:
        raise typer.Exit(1)


def _problems(environment: Environment, job: Job, *, is_kept: bool) -> Iterator[str]:
    try:
        with installed(environment, job.homes, is_kept=is_kept) as python:
            for theme in run_scripts(environment, python, job):
                yield f"{environment.name}: {theme} didn't finish; see {theme}.log"
    except InstallError as error:
        yield f"{environment.name}: {error}"


if __name__ == "__main__":
    typer.run(main)
