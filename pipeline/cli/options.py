"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import UsageError
from pipeline.training.recipes import read_recipe
from pipeline.training.settings import Device, Precision, TrainingSettings, Weights

Ratio = Annotated[
    tuple[float, float, float],
    typer.Option("--ratio", help="Shares of train, val and test.", metavar="TRAIN VAL TEST"),
]
StrictDocument = Annotated[
    bool,
    typer.Option(
        "--strict-document",
        help="Divide exactly as the source document does, even if copies of one photo end up "
        "on different sides.",
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
        "weights are available, else tf_efficientnet_lite0.",
    ),
]
WeightsChoice = Annotated[
    str,
    typer.Option(
        "--weights",
        metavar="pretrained|random|PATH",
        help="What the body starts from; PATH is your own weights file, or a folder that holds it.",
    ),
]
ImageSize = Annotated[
    int | None,
    typer.Option(
        "--image-size",
        min=8,
        help="Side of the training images in pixels; by default the recipe's.",
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option("--epochs", min=1, help="Epochs of the first stage; by default the recipe's."),
]
FineTuneEpochs = Annotated[
    int | None,
    typer.Option(
        "--fine-tune-epochs", min=1, help="Epochs of the second stage; by default the recipe's."
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        "--lr",
        min=1e-8,
        max=10,
        help="Highest learning rate of the head, as find-lr advises; for recipes that train it by "
        "steps, such as document.",
    ),
]
BatchSize = Annotated[
    int | None,
    typer.Option("--batch-size", min=2, help="Most images in a batch; by default the recipe's."),
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
        "--precision",
        help="Precision of the calculation; auto takes 16 bits on a GPU, 32 on a CPU.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=0, help="Processes that load images; by default as many as suit."
    ),
]
Flips = Annotated[
    bool,
    typer.Option("--flip/--no-flip", help="Mirror images at random; not for letters or digits."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Continue the interrupted run in --out.")]


Out = Annotated[
    Path, typer.Option("--out", help="Folder to create; it must not exist, or must be empty.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Fixes everything random.")]


def make_settings(
    recipe: str, *, weights: str, rate: float | None = None, **options: Any
) -> TrainingSettings:
    """The settings of a run: the options that were passed, and the recipe's numbers for the rest.

    Args:
        recipe: The name of a recipe, or the path of its file.
        weights: Pretrained, random, or a path.
        rate: The head's highest learning rate; None for the recipe's.
        **options: Values of `TrainingSettings`; None where the recipe decides.

    Raises:
        UsageError: If there is no such recipe, or if there is no such file or folder of weights.
    """
    found = read_recipe(recipe)
    found = found if rate is None else found.with_rate(rate)
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
        raise UsageError(
            what=f"These weights can't be used: the value is neither {' nor '.join(Weights)}, and "
            "there is no such file or folder",
            where=f"--weights {named}",
            advice="use one of the two, or the path of a weights file",
        )
    return path
