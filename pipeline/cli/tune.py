"""The commands before training: choose a learning rate, compare architectures.

The libraries that do the work are imported by the command that needs them.
"""

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import edge
from pipeline.cli.options import (
    Arch,
    BatchSize,
    DeviceChoice,
    Epochs,
    FineTuneEpochs,
    Flips,
    ImageSize,
    Out,
    RecipeChoice,
    Seed,
    WeightsChoice,
    make_settings,
)
from pipeline.training.recipes import DEFAULT_RECIPE
from pipeline.training.settings import AUTO, Device, Weights

_DividedDataset = Annotated[Path, typer.Argument(help="Folder that pipeline split made.")]


def find_lr(  # noqa: PLR0913 - Typer reads one option from each parameter
    dataset: _DividedDataset,
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
        from pipeline.running.finding_rates import look_before_training

        look = look_before_training(dataset, out, settings, n_batches=batches, report=report)
    advised = look.trial.advised
    if advised is None:
        typer.echo("no advice: the loss exploded too soon")
    else:
        others = ", ".join(
            f"{name} {rate:.2g}" for name, rate in look.trial.suggestions if name != "valley"
        )
        typer.echo(f"advised rate: {advised:.2g}")
        typer.echo(f"To train with it: pipeline train ... --recipe document --lr {advised:.2g}")
        typer.echo(f"fastai's other methods say: {others}", err=True)
    typer.echo(f"{look.plot}\n{look.table}\n{look.batch}")


def sweep(  # noqa: PLR0913 - Typer reads one option from each parameter
    dataset: _DividedDataset,
    *,
    out: Annotated[
        Path, typer.Option("--out", help="Folder to create, or that of the same sweep to continue.")
    ],
    archs: Annotated[
        str, typer.Option("--archs", metavar="A,B,C", help="Architectures, separated by commas.")
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
    """Compare architectures over seeds: choose on val, use test once; write table, CSV and plot."""
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
        problem = "auto is not an architecture to compare; name those that it chooses from"
        raise typer.BadParameter(problem, param_hint="--archs")
    with edge() as report:
        from pipeline.sweeping.sweep import plan_sweep
        from pipeline.sweeping.sweep import sweep as run_sweep

        plan = plan_sweep(dataset, names, n_seeds=seeds, options=options, report=report)
        found = run_sweep(dataset, out, plan, device=device, report=report)
    typer.echo(found.table.read_text("utf-8"))
    typer.echo(f"{found.table}\n{found.runs}\n{found.plot}")
