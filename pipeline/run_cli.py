"""The commands `pipeline train` and `pipeline run`: options in, exports and their results out.

The libraries that do the work are imported by the command that needs them.
"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hidden_test_spec.sidecar import read_sidecar
from pipeline.console import edge
from pipeline.options import Seed
from pipeline.split_cli import Ratio, StrictDocument
from pipeline.split_settings import DOCUMENT_RATIO, SplitMethod
from pipeline.training.errors import WeightsChoiceError
from pipeline.training.processes import is_main
from pipeline.training.recipes import DEFAULT_RECIPE, read_recipe
from pipeline.training.settings import AUTO, Device, Precision, TrainingSettings, Weights

if TYPE_CHECKING:
    from pipeline.running import TrainingRun

Out = Annotated[
    Path,
    typer.Option(
        "--out",
        help="Folder to make; it must not exist, or be empty. With --resume the folder of the run "
        "to go on with.",
    ),
]
RecipeChoice = Annotated[
    str,
    typer.Option(
        "--recipe", metavar="NAME|PATH", help="How to train: best, document, or a TOML file."
    ),
]
Arch = Annotated[
    str,
    typer.Option(
        "--arch",
        help="Name of a torchvision or timm classifier; auto takes resnext50_32x4d where its "
        "weights can be had, else tf_efficientnet_lite0.",
    ),
]
WeightsChoice = Annotated[
    str,
    typer.Option(
        "--weights",
        metavar="pretrained|random|PATH",
        help="What the body starts from; PATH is your own file of weights, or a folder with it.",
    ),
]
ImageSize = Annotated[
    int | None,
    typer.Option(
        "--image-size", min=8, help="Side of the training images in pixels; else the recipe's."
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option("--epochs", min=1, help="Epochs of the first stage; else the recipe's."),
]
FineTuneEpochs = Annotated[
    int | None,
    typer.Option(
        "--fine-tune-epochs", min=1, help="Epochs of the second stage; else the recipe's."
    ),
]
BatchSize = Annotated[
    int | None,
    typer.Option("--batch-size", min=2, help="Most images in a batch; else the recipe's."),
]
Accumulate = Annotated[
    int, typer.Option("--accumulate", min=1, help="Batches whose gradients make one step.")
]
DeviceChoice = Annotated[
    Device, typer.Option("--device", help="Where to train; auto takes a GPU where there is one.")
]
PrecisionChoice = Annotated[
    Precision,
    typer.Option(
        "--precision", help="What to calculate with; auto takes 16 bits on a GPU, 32 on a CPU."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=0, help="Processes that load images; else what suits."),
]
Flips = Annotated[
    bool, typer.Option("--flip/--no-flip", help="Mirror images at random; not for letters, digits.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the interrupted run that left --out.")
]


def train(  # noqa: PLR0913 - Typer reads one option from each parameter
    dataset: Annotated[Path, typer.Argument(help="Folder that pipeline split made.")],
    *,
    out: Out,
    recipe: RecipeChoice = DEFAULT_RECIPE,
    arch: Arch = AUTO,
    weights: WeightsChoice = Weights.PRETRAINED,
    seed: Seed = 5,
    image_size: ImageSize = None,
    epochs: Epochs = None,
    fine_tune_epochs: FineTuneEpochs = None,
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
            batch_size=batch_size,
            n_accumulated=accumulate,
            device=device,
            precision=precision,
            n_workers=workers,
            flips=flip,
        )
        from pipeline import running

        result = running.train(dataset, out, settings, report, resume=resume)
    _show(result, spec=None)


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
    recipe: RecipeChoice = DEFAULT_RECIPE,
    arch: Arch = AUTO,
    weights: WeightsChoice = Weights.PRETRAINED,
    seed: Seed = 5,
    image_size: ImageSize = None,
    epochs: Epochs = None,
    fine_tune_epochs: FineTuneEpochs = None,
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
            batch_size=batch_size,
            n_accumulated=accumulate,
            device=device,
            precision=precision,
            n_workers=workers,
            flips=flip,
        )
        from pipeline import run_settings, running

        method = SplitMethod.STRICT_DOCUMENT if strict_document else SplitMethod.GROUPED
        settings = run_settings.read_run_settings(
            spec, ratio=ratio, method=method, training=training
        )
        result = running.run(images, out, settings, report, resume=resume)
    _show(result, spec=spec)


def make_settings(recipe: str, *, weights: str, **options: Any) -> TrainingSettings:
    """The settings of a run: what was asked for, and the recipe's numbers for the rest.

    Args:
        recipe: The name of a recipe, or the path of its file.
        weights: Pretrained, random, or a path.
        **options: Values of `TrainingSettings`; None where the recipe has the say.

    Raises:
        RecipeError: If there is no such recipe.
        WeightsChoiceError: If there is no such file or folder of weights.
    """
    found = read_recipe(recipe)
    asked = {name: value for name, value in options.items() if value is not None}
    return TrainingSettings(
        recipe=found,
        weights=_find_weights(weights),
        **{
            "image_size_px": found.image_size_px,
            "n_epochs": found.n_epochs,
            "n_fine_tune_epochs": found.n_fine_tune_epochs,
            "batch_size": found.batch_size,
            **asked,
        },
    )


def _find_weights(named: str) -> Weights | Path:
    if named in list(Weights):
        return Weights(named)
    path = Path(named)
    if not path.exists():
        raise WeightsChoiceError(
            weights=named,
            problem=f"it is neither {' nor '.join(Weights)}, and there is no such file or folder",
            remedy="Name one of the two, or the file that holds the weights",
        )
    return path


def _show(result: "TrainingRun", *, spec: str | None) -> None:
    """Print the exports with their validation results, and the commands that go on with them.

    Of several processes that trained together, one prints.
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
    """What an export does on val, by the record beside it."""
    found = read_sidecar(export).validation
    if found is None:
        return "not measured"
    return f"validation loss {found.loss:.4f}, accuracy {found.accuracy:.4f}"
