"""The command line: arguments in, paths to stdout, progress to stderr, exit code out.

The libraries that do the work are imported by the command that needs them, so that --help answers
at once.
"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import data_cli
from pipeline.console import edge
from pipeline.data_cli import Out, Ratio, Seed, StrictDocument
from pipeline.scrape_cli import scrape
from pipeline.split_settings import DOCUMENT_RATIO, SplitMethod
from pipeline.training.settings import Device, TrainingSettings, Weights

if TYPE_CHECKING:
    from hidden_test_spec.sidecar import Epoch
    from pipeline.running import TrainingRun

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Train an image classifier in two stages on photos in class folders, and export both.",
)

app.command()(scrape)
app.command()(data_cli.split)

_DEFAULTS = TrainingSettings()

Arch = Annotated[
    str,
    typer.Option(
        "--arch",
        help="Name of a torchvision or timm classifier; auto takes resnext50_32x4d where its "
        "weights can be had, else tf_efficientnet_lite0.",
    ),
]
WeightsChoice = Annotated[Weights, typer.Option("--weights", help="What the body starts from.")]
ImageSize = Annotated[
    int, typer.Option("--image-size", min=8, help="Side of the training images, in pixels.")
]
Epochs = Annotated[int, typer.Option("--epochs", min=1, help="Epochs of the first stage.")]
FineTuneEpochs = Annotated[
    int,
    typer.Option(
        "--fine-tune-epochs", min=1, help="Epochs of the second stage, after a frozen one."
    ),
]
BatchSize = Annotated[int, typer.Option("--batch-size", min=2, help="Most images in a batch.")]
DeviceChoice = Annotated[
    Device, typer.Option("--device", help="Where to train; auto takes a GPU where there is one.")
]
Flips = Annotated[
    bool, typer.Option("--flip/--no-flip", help="Mirror images at random; not for letters, digits.")
]


@app.command()
def digits(
    *,
    out: Out,
    per_class: Annotated[
        int | None,
        typer.Option("--per-class", min=1, help="Digits of each class; all if left out."),
    ] = None,
) -> None:
    """Write real handwritten digits as images into class folders, to try things out."""
    with edge() as report:
        from pipeline.digits import write_digits

        report(f"{write_digits(out, per_class=per_class)} images of ten classes")
    typer.echo(out)


@app.command()
def train(  # noqa: PLR0913 - Typer reads one option from each parameter
    dataset: Annotated[Path, typer.Argument(help="Folder that pipeline split made.")],
    *,
    out: Out,
    arch: Arch = _DEFAULTS.architecture,
    weights: WeightsChoice = _DEFAULTS.weights,
    seed: Seed = _DEFAULTS.seed,
    image_size: ImageSize = _DEFAULTS.image_size_px,
    epochs: Epochs = _DEFAULTS.n_epochs,
    fine_tune_epochs: FineTuneEpochs = _DEFAULTS.n_fine_tune_epochs,
    batch_size: BatchSize = _DEFAULTS.batch_size,
    device: DeviceChoice = _DEFAULTS.device,
    flip: Flips = _DEFAULTS.flips,
) -> None:
    """Train both stages on a divided data set, and export them."""
    settings = TrainingSettings(
        architecture=arch,
        weights=weights,
        seed=seed,
        image_size_px=image_size,
        n_epochs=epochs,
        n_fine_tune_epochs=fine_tune_epochs,
        batch_size=batch_size,
        device=device,
        flips=flip,
    )
    with edge() as report:
        from pipeline import running

        result = running.train(dataset, out, settings, report)
    _show(result, spec=None)


@app.command()
def run(  # noqa: PLR0913 - Typer reads one option from each parameter
    *,
    images: Annotated[Path, typer.Option("--images", help="Folder with one folder per class.")],
    out: Out,
    spec: Annotated[
        str | None,
        typer.Option("--spec", help="Check the class folders against a spec: its name or file."),
    ] = None,
    ratio: Ratio = DOCUMENT_RATIO,
    strict_document: StrictDocument = False,
    arch: Arch = _DEFAULTS.architecture,
    weights: WeightsChoice = _DEFAULTS.weights,
    seed: Seed = _DEFAULTS.seed,
    image_size: ImageSize = _DEFAULTS.image_size_px,
    epochs: Epochs = _DEFAULTS.n_epochs,
    fine_tune_epochs: FineTuneEpochs = _DEFAULTS.n_fine_tune_epochs,
    batch_size: BatchSize = _DEFAULTS.batch_size,
    device: DeviceChoice = _DEFAULTS.device,
    flip: Flips = _DEFAULTS.flips,
) -> None:
    """Split, train both stages and export them, in one go."""
    training = TrainingSettings(
        architecture=arch,
        weights=weights,
        seed=seed,
        image_size_px=image_size,
        n_epochs=epochs,
        n_fine_tune_epochs=fine_tune_epochs,
        batch_size=batch_size,
        device=device,
        flips=flip,
    )
    with edge() as report:
        from pipeline import running

        method = SplitMethod.STRICT_DOCUMENT if strict_document else SplitMethod.GROUPED
        settings = running.read_run_settings(spec, ratio=ratio, method=method, training=training)
        result = running.run(images, out, settings, report)
    _show(result, spec=spec)


def main() -> None:
    """Run the command line; the process ends with the exit code."""
    app()


def _show(result: "TrainingRun", *, spec: str | None) -> None:
    """Print the exports with their validation results, and the command that grades them."""
    typer.echo(f"{result.first_stage}: {_best(result.first_history)}")
    typer.echo(f"{result.fine_tuned}: {_best(result.second_history)}")
    test = result.dataset / "test"
    if not test.is_dir():
        return
    command = ["grader", "evaluate", str(result.fine_tuned), "--baseline", str(result.first_stage)]
    command += ["--data", str(test), *(["--spec", spec] if spec else [])]
    typer.echo(f"Grade them on the test part: {shlex.join(command)}")


def _best(history: tuple["Epoch", ...]) -> str:
    best = min(history, key=lambda epoch: epoch.valid_loss)
    return f"validation loss {best.valid_loss:.4f}, accuracy {best.accuracy:.4f}"
