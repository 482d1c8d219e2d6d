"""Errors of the audit and of the quarantine."""

from pathlib import Path

from hidden_test_spec.errors import quote
from pipeline.errors import MAX_FAULTS, BadInputError, MachineError, UsageError


class LockedError(MachineError):
    """Another process works on the folder."""

    def __init__(self, quarantine: Path) -> None:
        self.quarantine = quarantine
        super().__init__(
            f"Another pipeline clean or restore is at work with the quarantine "
            f"{quote(str(quarantine))}. Wait until it ends, or end it, and try again."
        )


class NestedQuarantineError(UsageError):
    """The quarantine would be a class."""

    def __init__(self, *, quarantine: Path, images: Path) -> None:
        self.quarantine = quarantine
        self.images = images
        super().__init__(
            f"--quarantine {quote(str(quarantine))} lies inside the images' folder "
            f"{quote(str(images))}, where it would look like a class. Name a folder outside of it, "
            "on the same disk."
        )


class NoQuarantineError(BadInputError):
    """Nothing was ever removed into the quarantine."""

    def __init__(self, *, quarantine: Path, images: Path) -> None:
        self.quarantine = quarantine
        self.images = images
        super().__init__(
            f"There is nothing to put back into {quote(str(images))}: {quote(str(quarantine))} is "
            "no quarantine of pipeline clean. If photos were removed to another folder, name it "
            "with --quarantine."
        )


class PhotosGoneError(BadInputError):
    """Photos can't be put back, since their files are gone; all others were."""

    def __init__(self, photos: tuple[tuple[str, Path], ...]) -> None:
        self.photos = photos
        shown = [f"  {quote(origin)}: {quote(str(file))}" for origin, file in photos[:MAX_FAULTS]]
        if len(photos) > MAX_FAULTS:
            shown.append(f"  and {len(photos) - MAX_FAULTS} more")
        lines = "\n".join(shown)
        super().__init__(
            "Not put back, since a file is not where the journal says that it is:\n"
            f"{lines}\nAll others were put back. Look for these by hand, and put each where it is "
            "missed or where it was at first."
        )


class JournalError(BadInputError):
    """A journal can't be used; holds every fault of it."""

    def __init__(self, *, path: Path, faults: tuple[str, ...]) -> None:
        self.path = path
        self.faults = faults
        shown = [f"  {fault}" for fault in faults[:MAX_FAULTS]]
        if len(faults) > MAX_FAULTS:
            shown.append(f"  and {len(faults) - MAX_FAULTS} more")
        lines = "\n".join(shown)
        super().__init__(
            f"The journal {quote(str(path))} can't be used:\n{lines}\nNothing was changed. Mend "
            "the file by hand, or move the quarantine elsewhere and put its photos back yourself."
        )


class DecisionError(BadInputError):
    """Decisions can't be carried out; holds what is wrong with each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        shown = [f"  {fault}" for fault in faults[:MAX_FAULTS]]
        if len(faults) > MAX_FAULTS:
            shown.append(f"  and {len(faults) - MAX_FAULTS} more")
        lines = "\n".join(shown)
        super().__init__(f"Nothing was changed, since not all of it can be:\n{lines}")
