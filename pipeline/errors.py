"""Errors of the pipeline. Each one says what is wrong, where, and what to do next.

Every error that a user can cause or meet is a `PipelineError` and carries its exit code; anything
else that escapes is a bug and keeps its traceback.
"""

from pathlib import Path
from typing import ClassVar

from hidden_test_spec.errors import quote, quote_all

MAX_FAULTS = 50


class PipelineError(Exception):
    """The base: an expected failure of one command."""

    exit_code: ClassVar[int]


class UsageError(PipelineError):
    """An option's value can't be right, whatever the files hold."""

    exit_code = 2


class BadInputError(PipelineError):
    """The files that were given can't be used."""

    exit_code = 3


class MachineError(PipelineError):
    """This machine can't do it: no such device, no room, no weights."""

    exit_code = 6


class MissingLibraryError(MachineError):
    """A library of an extra isn't installed."""

    def __init__(self, *, library: str, extra: str) -> None:
        self.library = library
        self.extra = extra
        super().__init__(
            f"{library} is not installed. Install it with: "
            f'python -m pip install "classifier-grader[{extra}]"'
        )


class RatioError(UsageError):
    """The shares of a split are no shares."""

    def __init__(self, ratio: tuple[float, float, float]) -> None:
        self.ratio = ratio
        shown = " ".join(f"{share:g}" for share in ratio)
        super().__init__(
            f"--ratio {shown} can't be used: give three numbers above 0 that sum to 1, for train, "
            "val and test, such as 0.70 0.15 0.15."
        )


class UnknownArchitectureError(UsageError):
    """No library has an architecture of this name."""

    def __init__(self, *, name: str, similar: tuple[str, ...]) -> None:
        self.name = name
        self.similar = similar
        hint = f" Similar names: {quote_all(similar)}." if similar else ""
        super().__init__(
            f"--arch {quote(name)} is no architecture of torchvision or timm.{hint} Use auto, "
            "tf_efficientnet_lite0, or the name of another image classifier of these libraries."
        )


class UnusableArchitectureError(UsageError):
    """The architecture exists, but can't be trained here as a body with a new head."""

    def __init__(self, *, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(
            f"--arch {quote(name)} can't be used as a body with a new head ({reason}). Use another "
            "--arch, such as auto or tf_efficientnet_lite0, or the --image-size it was made for."
        )


class NestedOutputError(UsageError):
    """The folder to be written lies in the folder to be read."""

    def __init__(self, *, out: Path, images: Path) -> None:
        self.out = out
        self.images = images
        super().__init__(
            f"--out {quote(str(out))} lies inside the images' folder {quote(str(images))}, where "
            "it would look like a class. Name a folder outside of it."
        )


class TooManyDigitsError(UsageError):
    """More digits of one class were asked for than there are."""

    def __init__(self, *, asked: int, available: int) -> None:
        self.asked = asked
        self.available = available
        super().__init__(
            f"--per-class {asked} is more than there are: the smallest class has {available} "
            f"digits. Give at most {available}, or leave the option out to get all of them."
        )


class BadFolderError(BadInputError):
    """A folder of images can't be used; holds everything that is wrong with it."""

    def __init__(self, *, path: Path, faults: tuple[str, ...]) -> None:
        self.path = path
        self.faults = faults
        n = len(faults)
        shown = [f"  {fault}" for fault in faults[:MAX_FAULTS]]
        if n > MAX_FAULTS:
            shown.append(f"  and {n - MAX_FAULTS} more")
        lines = "\n".join(shown)
        super().__init__(
            f"The folder {quote(str(path))} can't be used, for {n} reason{'s' if n != 1 else ''}:\n"
            f"{lines}\nMend the folder and try again."
        )


class OutputExistsError(BadInputError):
    """The folder to be written is already there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"--out {quote(str(path))} already exists and is not an empty folder. Nothing is "
            "overwritten: name another folder, or remove it and try again."
        )


class LeaksFoundError(BadInputError):
    """Copies of one photo stand in more than one part of a data set."""

    def __init__(self, *, dataset: Path, n_leaks: int) -> None:
        self.dataset = dataset
        self.n_leaks = n_leaks
        photos = "1 photo stands" if n_leaks == 1 else f"{n_leaks} photos stand"
        super().__init__(
            f"{photos} in more than one part of {quote(str(dataset))}, so that results measured "
            "there are too good. Divide the images again with pipeline split, or remove the copies "
            "from all parts but one."
        )


class TrainingDivergedError(BadInputError):
    """The loss is no number any more."""

    def __init__(self, *, stage: str, epoch: int) -> None:
        self.stage = stage
        self.epoch = epoch
        super().__init__(
            f"The validation loss is not a number after epoch {epoch} of the {stage}: training "
            "diverged. Try another --arch, a larger --batch-size, or more images."
        )


class DeviceError(MachineError):
    """The device that was asked for isn't there."""

    def __init__(self, *, device: str, reason: str) -> None:
        self.device = device
        self.reason = reason
        super().__init__(f"--device {device} can't be used: {reason}. Use --device auto or cpu.")


class OutOfMemoryError(MachineError):
    """A batch does not fit into the device's memory."""

    def __init__(self, *, batch_size: int) -> None:
        self.batch_size = batch_size
        super().__init__(
            f"The device's memory can't hold a batch of {batch_size} images. Try a smaller "
            "--batch-size, a smaller --image-size, or --device cpu."
        )


class FileAccessError(MachineError):
    """A file or folder can't be read or written."""

    def __init__(self, *, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"{quote(str(path))} can't be read or written ({reason}). Check that the disk has room "
            "and that you may write there, then try again."
        )


class LinkError(MachineError):
    """An image can't be linked into a data set."""

    def __init__(self, *, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"--link can't be used: {quote(str(path))} can't be linked ({reason}). Hard links need "
            "the images and --out on one disk that knows them. Leave --link out to copy instead."
        )


class WeightsError(MachineError):
    """Pretrained weights were asked for and can't be had."""

    def __init__(self, *, architecture: str, reason: str, remedy: str) -> None:
        self.architecture = architecture
        self.reason = reason
        self.remedy = remedy
        super().__init__(
            f"The pretrained weights of {quote(architecture)} can't be had: {reason}. {remedy}, or "
            "use --arch tf_efficientnet_lite0, whose weights come with the pipeline extra. Random "
            "weights are used only if asked for with --weights random."
        )


class InterruptedRunError(PipelineError):
    """The user stopped a run; holds what the run leaves on disk."""

    exit_code = 130

    def __init__(self, *, out: Path, kept: tuple[str, ...]) -> None:
        self.out = out
        self.kept = kept
        left = f"{quote(str(out))} keeps {quote_all(kept)}" if kept else "Nothing is kept"
        again = " To go on, give the same command with --resume." if kept else ""
        super().__init__(f"Interrupted. {left}.{again}")


class ManifestError(BadInputError):
    """The manifest of a scraped folder can't be used; holds every fault of it."""

    def __init__(self, *, path: Path, faults: tuple[str, ...]) -> None:
        self.path = path
        self.faults = faults
        shown = [f"  {fault}" for fault in faults[:MAX_FAULTS]]
        if len(faults) > MAX_FAULTS:
            shown.append(f"  and {len(faults) - MAX_FAULTS} more")
        lines = "\n".join(shown)
        super().__init__(
            f"The manifest {quote(str(path))} can't be used:\n{lines}\nIf a scrape was cut off, "
            "run it again with --resume, which mends the end of the file."
        )
