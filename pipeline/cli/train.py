"""The commands `pipeline train` and `pipeline run`: options in, exports and their results out.

The libraries that do the work are imported by the command that needs them.
"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hidden_test_spec.sidecar import read_sidecar
from pipeline.cli.console import edge
from pipeline.cli.options import (
    Accumulate,
    Arch,
    BatchSize,
    DeviceChoice,
    Epochs,
    FineTuneEpochs,
    Flips,
    ImageSize,
    PrecisionChoice,
    Rate,
    Ratio,
    RecipeChoice,
    Resume,
    Seed,
    StrictDocument,
    WeightsChoice,
    Workers,
    make_settings,
)
from pipeline.splitting.settings import DOCUMENT_RATIO, SplitMethod
from pipeline.training.processes import is_main
from pipeline.training.recipes import DEFAULT_RECIPE
from pipeline.training.settings import AUTO, Device, Precision, Weights

if TYPE_CHECKING:
    from pipeline.running.run import TrainingRun

_Out = Annotated[
    Path,
    typer.Option(
        "--out",
        help="Folder to create; it must not exist, or must be empty. With --resume, the folder of "
        "the run to continue.",
    ),
]


def train(  # noqa: PLR0913 - Typer reads one option from each parameter
    dataset: Annotated[Path, typer.Argument(help="Folder that pipeline split made.")],
    *,
    out: _Out,
    recipe: RecipeChoice = DEFAULT_RECIPE,
    arch: Arch = AUTO,
    weights: WeightsChoice = Weights.PRETRAINED,
    seed: Seed = 5,
    image_size: ImageSize = None,
    epochs: Epochs = None,
    fine_tune_epochs: FineTuneEpochs = None,
    lr: Rate = None,
    batch_size: BatchSize = None,
    accumulate: Accumulate = 1,
    device: DeviceChoice = Device.AUTO,
    precision: PrecisionChoice = Precision.AUTO,
    workers: Workers = None,
    flip: Flips = True,
    resume: Resume = False,
) -> None:
    """Train both stages on a divided data set, and export them."""
    with edge() as report:
        settings = make_settings(
            recipe,
            architecture=arch,
            weights=weights,
            seed=seed,
            image_size_px=image_size,
            n_epochs=epochs,
            n_fine_tune_epochs=fine_tune_epochs,
            rate=lr,
            batch_size=batch_size,
            n_accumulated=accumulate,
            device=device,
            precision=precision,
            n_workers=workers,
            flips=flip,
        )
        from pipeline.running.run import train as train_run

        result = train_run(dataset, out, settings, report, resume=resume)
    _show(result, spec=None)


def run(  # noqa: PLR0913 - Typer reads one option from each parameter
    *,
    images: Annotated[Path, typer.Option("--images", help="Folder with one folder per class.")],
    out: _Out,
    spec: Annotated[
        str | None,
        typer.Option("--spec", help="Check the class folders against a spec: its name or file."),
    ] = None,
    ratio: Ratio = DOCUMENT_RATIO,
    strict_document: StrictDocument = False,
    recipe: RecipeChoice = DEFAULT_RECIPE,
    arch: Arch = AUTO,
    weights: WeightsChoice = Weights.PRETRAINED,
    seed: Seed = 5,
    image_size: ImageSize = None,
    epochs: Epochs = None,
    fine_tune_epochs: FineTuneEpochs = None,
    lr: Rate = None,
    batch_size: BatchSize = None,
    accumulate: Accumulate = 1,
    device: DeviceChoice = Device.AUTO,
    precision: PrecisionChoice = Precision.AUTO,
    workers: Workers = None,
    flip: Flips = True,
    resume: Resume = False,
) -> None:
    """Split, train both stages and export them, in one go."""
    with edge() as report:
        training = make_settings(
            recipe,
            architecture=arch,
            weights=weights,
            seed=seed,
            image_size_px=image_size,
            n_epochs=epochs,
            n_fine_tune_epochs=fine_tune_epochs,
            rate=lr,
            batch_size=batch_size,
            n_accumulated=accumulate,
            device=device,
            precision=precision,
            n_workers=workers,
            flips=flip,
        )
        from pipeline.running.run import run as whole_run
        from pipeline.running.settings import read_run_settings

        method = SplitMethod.STRICT_DOCUMENT if strict_document else SplitMethod.GROUPED
        settings = read_run_settings(spec, ratio=ratio, method=method, training=training)
        result = whole_run(images, out, settings, report, resume=resume)
    _show(result, spec=spec)


def _show(result: "TrainingRun", *, spec: str | None) -> None:
    """Print the exports with their validation results, and the commands to run next.

    Of several processes that trained together, only one prints.
    """
    if not is_main():
        return
    typer.echo(f"{result.first_stage}: {_measured(result.first_stage)}")
    typer.echo(f"{result.fine_tuned}: {_measured(result.fine_tuned)}")
    folder = result.first_stage.parent
    is_own = result.dataset == folder / "dataset"
    checks = ["pipeline", "export", str(folder), "--verify"]
    checks += [] if is_own else ["--dataset", str(result.dataset)]
    typer.echo(f"Check them, and draw their curves and cards: {shlex.join(checks)}")
    test = result.dataset / "test"
    if not test.is_dir():
        return
    command = ["grader", "evaluate", str(result.fine_tuned), "--baseline", str(result.first_stage)]
    command += ["--data", str(test), *(["--spec", spec] if spec else [])]
    typer.echo(f"Grade them on the test part: {shlex.join(command)}")


def _measured(export: Path) -> str:
    """An export's results on val, from the record beside it."""
    found = read_sidecar(export).validation
    if found is None:
        return "not measured"
    return f"validation loss {found.loss:.4f}, accuracy {found.accuracy:.4f}"
