"""Where a network looked in a photo, as frozen values. Only an instructor's edition has them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

HeatMethod: TypeAlias = Literal["grad_cam", "occlusion"]
HOTTEST = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle in a photo, in shares of its width and height; beyond 0 and 1 is padding."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """How much each part of a network's input spoke for its answer.

    Attributes:
        method: How it was found.
        heat: Rows of numbers from 0 to 255, top to bottom; the hottest part has 255.
    """

    method: HeatMethod
    heat: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """Check that the rows make a rectangle of such numbers."""
        if not self.heat or len({len(row) for row in self.heat}) != 1 or not self.heat[0]:
            raise ValueError("heat must have rows of one length")
        if not all(0 <= value <= HOTTEST for row in self.heat for value in row):
            raise ValueError("heat must lie between 0 and 255")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedAnswer:
    """Where one model looked: the part of the photo that it saw, and the heat in it."""

    region: Region
    heat_map: HeatMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where the models looked in one image, each for its own answer.

    A model is None if there is no heat map of it, such as for a baseline that isn't there.
    """

    image: str
    candidate: ExplainedAnswer | None
    baseline: ExplainedAnswer | None
