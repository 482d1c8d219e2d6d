"""Why an interrupted run can't go on, in terms of the options that it was begun with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pipeline.errors import BadInputError

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
# What a record holds as a hash, or in more detail than an option.
_OTHERS: Final = {
    "folder": "different --images",
    "images": "different images in its data set",
    "recipe": "another --recipe",
    "spec": "another --spec",
    "weights": "different --weights",
}


def not_resumable_error(out: Path, problem: str) -> BadInputError:
    """Why a run can't go on in a folder."""
    return BadInputError(
        what=f"--resume can't go on there: {problem}",
        where=str(out),
        advice="use the folder and exactly the options of the interrupted run, or start a new "
        "run in another folder",
    )


def other_run_error(out: Path, begun_with: Mapping[str, Any]) -> BadInputError:
    """That the run in a folder was begun with other options or images, and which."""
    told = ", ".join(sorted(_told(name, value) for name, value in begun_with.items()))
    return not_resumable_error(out, f"it was begun with {told}")


def _told(name: str, value: Any) -> str:
    """A recorded value as the option that set it."""
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
