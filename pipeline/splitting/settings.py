"""The settings of a split, as a value; loads nothing heavy."""

import math
from dataclasses import dataclass
from enum import StrEnum

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.errors import UsageError

DOCUMENT_RATIO = (0.70, 0.15, 0.15)


class SplitMethod(StrEnum):
    """What is divided among the parts: photos with all their copies, or single images."""

    GROUPED = "grouped"
    STRICT_DOCUMENT = "strict-document"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSettings:
    """How to divide.

    Attributes:
        seed: Fixes which image goes to which part.
        ratio: The shares of train, val and test.
        method: Whether the copies of a photo stay together.
        is_linked: Whether the parts hold hard links to the images instead of copies.
        extensions: The file name extensions of images.
    """

    seed: int = 5
    ratio: tuple[float, float, float] = DOCUMENT_RATIO
    method: SplitMethod = SplitMethod.GROUPED
    is_linked: bool = False
    extensions: tuple[str, ...] = IMAGE_EXTENSIONS


def check_ratio(ratio: tuple[float, float, float]) -> None:
    """Make sure that three numbers are shares of a whole.

    Raises:
        UsageError: If one isn't above 0, or they don't sum to 1.
    """
    if not all(share > 0 for share in ratio) or not math.isclose(sum(ratio), 1, abs_tol=4e-6):
        raise UsageError(
            what="These shares of the parts can't be used",
            where=f"--ratio {' '.join(f'{share:g}' for share in ratio)}",
            advice="use three numbers above 0 that sum to 1, for train, val and test, such as "
            "0.70 0.15 0.15",
        )
