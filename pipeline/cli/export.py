"""The command that checks exports and describes them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import edge
from pipeline.cli.options import DeviceChoice
from pipeline.training.settings import Device

if TYPE_CHECKING:
    from pipeline.exporting.publishing import Publication


def export(
    run: Annotated[Path, typer.Argument(help="Folder that pipeline run or train filled.")],
    *,
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset",
            help="The divided data set that the run learned from; by default the run's own.",
            show_default=False,
        ),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Refuse an export whose numbers on val differ from those of training."
        ),
    ] = False,
    device: DeviceChoice = Device.AUTO,
) -> None:
    """Measure both exports of a run in a fresh process; write model cards, curves and histories."""
    with edge() as report:
        from pipeline.exporting.publishing import publish

        published = publish(
            run, dataset or run / "dataset", must_verify=verify, device=device, report=report
        )
    for one in published:
        typer.echo(_line(one))


def _line(publication: "Publication") -> str:
    graded = publication.graded
    verified = "verified" if publication.is_verified else "not verified"
    return (
        f"{publication.card}: val loss {graded.loss:.4f}, "
        f"accuracy {graded.accuracy:.4f}, {verified}"
    )
