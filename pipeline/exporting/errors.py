"""Errors of exports and their records. Each says what is wrong, where, and what to do next."""

from pathlib import Path

from hidden_test_spec.errors import quote
from pipeline.errors import BadInputError


class RunFolderError(BadInputError):
    """A folder is not what a finished run leaves; holds everything that it lacks."""

    def __init__(self, *, path: Path, faults: tuple[str, ...]) -> None:
        self.path = path
        self.faults = faults
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(
            f"The folder {quote(str(path))} holds no finished run:\n{lines}\n"
            "Give the --out folder of pipeline run or pipeline train, after it has ended."
        )


class NoValPartError(BadInputError):
    """The data set that a run learned from isn't where it is looked for."""

    def __init__(self, *, val: Path) -> None:
        self.val = val
        super().__init__(
            f"There is no folder {quote(str(val))} to measure on. Give the divided data set that "
            "the run learned from with --dataset."
        )


class GradingError(BadInputError):
    """The grader could not measure an export; holds what it said."""

    def __init__(self, *, export: Path, images: Path, said: str) -> None:
        self.export = export
        self.images = images
        self.said = said
        super().__init__(
            f"{quote(str(export))} could not be measured on {quote(str(images))}. The grader said:"
            f"\n{said}\nMend that and try again."
        )


class NotVerifiedError(BadInputError):
    """An export does not do what its record says it did in training; holds every difference."""

    def __init__(self, *, export: Path, differences: tuple[str, ...]) -> None:
        self.export = export
        self.differences = differences
        lines = "\n".join(f"  {difference}" for difference in differences)
        super().__init__(
            f"{quote(str(export))} is not verified, since it isn't what training recorded:\n{lines}"
            "\nNothing was written that calls it verified. Give the data set that it was trained "
            "on, and the files as training left them, or train again."
        )
