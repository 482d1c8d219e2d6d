"""Errors of measuring and verifying exports, which callers distinguish from others."""

from collections.abc import Sequence
from pathlib import Path

from hidden_test_spec.errors import list_faults, quote
from pipeline.errors import BadInputError


class GradingError(BadInputError):
    """The grader could not measure an export; holds what it said."""

    def __init__(self, *, export: Path, images: Path, said: str) -> None:
        """Build the message around the grader's."""
        super().__init__(
            what=f"The export could not be measured on {quote(str(images))}. The grader said:\n"
            f"{said}",
            where=str(export),
            advice="fix that and try again",
        )


class NotVerifiedError(BadInputError):
    """An export doesn't do what its record says it did in training; holds every difference."""

    def __init__(self, *, export: Path, differences: Sequence[str]) -> None:
        """Build the message from all differences."""
        super().__init__(
            what="The export is not verified, since it differs from what training recorded; "
            f"nothing was written that calls it verified:{list_faults(differences)}",
            where=str(export),
            advice="use the data set that it was trained on and the files as training left them, "
            "or train again",
        )
