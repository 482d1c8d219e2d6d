"""Errors of training. Each one says what is wrong, where, and what to do next."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hidden_test_spec.errors import quote, quote_all
from pipeline.errors import BadInputError, MachineError, UsageError

_OPTIONS: Final = {
    "architecture": "--arch",
    "batch_size": "--batch-size",
    "device": "--device",
    "image_size_px": "--image-size",
    "n_accumulated": "--accumulate",
    "n_epochs": "--epochs",
    "n_fine_tune_epochs": "--fine-tune-epochs",
    "n_workers": "--workers",
    "precision": "--precision",
    "seed": "--seed",
}
# What stands in a record as a hash, or as more than an option says.
_OTHERS: Final = {
    "folder": "other --images",
    "images": "other images in its data set",
    "recipe": "another --recipe",
    "spec": "another --spec",
    "weights": "other --weights",
}


class RecipeError(UsageError):
    """A recipe can't be used; holds every fault of it."""

    def __init__(self, *, source: str, faults: tuple[str, ...], known: tuple[str, ...]) -> None:
        self.source = source
        self.faults = faults
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(
            f"--recipe {quote(source)} can't be used:\n{lines}\n"
            f"Give the name of a recipe, {quote_all(known)}, or the path of a mended TOML file."
        )


class WeightsChoiceError(UsageError):
    """What is named as starting weights can't be meant."""

    def __init__(self, *, weights: str, problem: str, remedy: str) -> None:
        self.weights = weights
        self.problem = problem
        super().__init__(f"--weights {quote(weights)} can't be used: {problem}. {remedy}.")


class PrecisionError(MachineError):
    """The device can't calculate with the numbers that were asked for."""

    def __init__(self, *, precision: str, reason: str) -> None:
        self.precision = precision
        self.reason = reason
        super().__init__(
            f"--precision {precision} can't be used: {reason}. Use --precision auto or fp32."
        )


class TooFewImagesError(BadInputError):
    """There are too few images for a head to be fitted to."""

    def __init__(self, *, n_views: int, n_classes: int) -> None:
        self.n_views = n_views
        self.n_classes = n_classes
        super().__init__(
            f"The head can't be fitted to {n_views} views of the images of train: it needs more "
            f"views than there are classes, {n_classes}. Put more images into train, use --flip, "
            "or use --recipe document."
        )


class NotResumableRunError(BadInputError):
    """The folder that a run should go on in is not what such a run left."""

    def __init__(self, *, out: Path, problem: str) -> None:
        self.out = out
        super().__init__(
            f"--resume can't go on in {quote(str(out))}: {problem}. Give the folder, and the very "
            "options, of the run that was interrupted, or train anew into another folder."
        )


class OtherRunError(NotResumableRunError):
    """The run that a folder holds was begun with other options or images."""

    def __init__(self, *, out: Path, begun_with: Mapping[str, Any]) -> None:
        self.begun_with = dict(begun_with)
        told = ", ".join(sorted(_told(name, value) for name, value in begun_with.items()))
        super().__init__(out=out, problem=f"it was begun with {told}")


def _told(name: str, value: Any) -> str:
    """A recorded value as the option that it was given by."""
    if name == "flips":
        return "--flip" if value else "--no-flip"
    if name == "method":
        return "--strict-document" if value == "strict-document" else "no --strict-document"
    if name == "ratio":
        return f"--ratio {' '.join(f'{share:g}' for share in value)}"
    if name in _OTHERS and value is not None:
        return _OTHERS[name]
    option = _OPTIONS.get(name, f"--{name}")
    return f"no {option}" if value is None else f"{option} {value}"
