"""The commands around training: choose a learning rate, compare architectures, check exports.

The libraries that do the work are imported by the command that needs them.
"""

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.console import edge
from pipeline.options import Out, Seed
from pipeline.run_cli import (
    Arch,
    BatchSize,
    DeviceChoice,
    Epochs,
    FineTuneEpochs,
    Flips,
    ImageSize,
    RecipeChoice,
    WeightsChoice,
    make_settings,
)
from pipeline.training.recipes import DEFAULT_RECIPE
from pipeline.training.settings import AUTO, Device, Weights

if TYPE_CHECKING:
    from pipeline.publishing import Publication

DividedDataset = Annotated[Path, typer.Argument(help="Folder that pipeline split made.")]


def find_lr(  # noqa: PLR0913 - Typer reads one option from each parameter
    dataset: DividedDataset,
    *,
    out: Out,
    batches: Annotated[
        int, typer.Option("--batches", min=24, help="Batches to train on, each with a higher rate.")
    ] = 100,
    recipe: RecipeChoice = DEFAULT_RECIPE,
    arch: Arch = AUTO,
    weights: WeightsChoice = Weights.PRETRAINED,
    seed: Seed = 5,
    image_size: ImageSize = None,
    batch_size: BatchSize = None,
    device: DeviceChoice = Device.AUTO,
    flip: Flips = True,
) -> None:
    """Try rising learning rates on a new head; plot the losses, and a batch of training images."""
    with edge() as report:
        settings = make_settings(
            recipe,
            architecture=arch,
            weights=weights,
            seed=seed,
            image_size_px=image_size,
            batch_size=batch_size,
            device=device,
            flips=flip,
        )
        from pipeline.trying_rates import look_before_training

        look = look_before_training(dataset, out, settings, n_batches=batches, report=report)
    for name, rate in look.trial.suggestions:
        typer.echo(f"{name}: {rate:.2g}")
    if not look.trial.suggestions:
        typer.echo("no suggestion: the loss exploded too soon")
    typer.echo(f"{look.plot}\n{look.table}\n{look.batch}")


def sweep(  # noqa: PLR0913 - Typer reads one option from each parameter
    dataset: DividedDataset,
    *,
    out: Annotated[
        Path, typer.Option("--out", help="Folder to make, or that of the same sweep to go on with.")
    ],
    archs: Annotated[
        str, typer.Option("--archs", metavar="A,B,C", help="Architectures, with commas between.")
    ],
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="How often each architecture is trained.")
    ] = 3,
    recipe: RecipeChoice = DEFAULT_RECIPE,
    weights: WeightsChoice = Weights.PRETRAINED,
    image_size: ImageSize = None,
    epochs: Epochs = None,
    fine_tune_epochs: FineTuneEpochs = None,
    batch_size: BatchSize = None,
    device: DeviceChoice = Device.AUTO,
    flip: Flips = True,
) -> None:
    """Compare architectures over seeds: choose by val, look at test once; table, CSV and plot."""
    values = {
        "--recipe": recipe,
        "--weights": weights,
        "--image-size": image_size,
        "--epochs": epochs,
        "--fine-tune-epochs": fine_tune_epochs,
        "--batch-size": batch_size,
        "--device": device,
    }
    given = [(name, str(value)) for name, value in values.items() if value is not None]
    options = (*chain.from_iterable(given), "--flip" if flip else "--no-flip")
    names = tuple(name.strip() for name in archs.split(",") if name.strip())
    if not names:
        raise typer.BadParameter("name at least one architecture", param_hint="--archs")
    if AUTO in names:
        problem = "auto is no architecture to compare; name those that it may stand for"
        raise typer.BadParameter(problem, param_hint="--archs")
    with edge() as report:
        from pipeline import sweeping

        plan = sweeping.plan_sweep(dataset, names, n_seeds=seeds, options=options, report=report)
        found = sweeping.sweep(dataset, out, plan, device=device, report=report)
    typer.echo(found.table.read_text("utf-8"))
    typer.echo(f"{found.table}\n{found.runs}\n{found.plot}")


def export(
    run: Annotated[Path, typer.Argument(help="Folder that pipeline run or train filled.")],
    *,
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset",
            help="The divided data set it learned from; the run's own one if left out.",
            show_default=False,
        ),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Refuse an export whose numbers on val are not those of training."
        ),
    ] = False,
    device: DeviceChoice = Device.AUTO,
) -> None:
    """Measure both exports of a run in a fresh process; write model cards, curves and histories."""
    with edge() as report:
        from pipeline.publishing import publish

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
