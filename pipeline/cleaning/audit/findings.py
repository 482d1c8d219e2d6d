"""What an audit of a folder of photos finds, as values. Nothing here opens a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "corrupt",
    "mistyped",
    "exact_duplicate",
    "near_duplicate",
    "mirrored_duplicate",
    "label",
    "outlier",
    "too_small",
    "dark",
    "blurry",
    "odd_aspect",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
# By default, a photo whose smaller side is below this is too small.
MIN_SIDE_PX = 64

COPY_KINDS: tuple[Kind, ...] = ("exact_duplicate", "near_duplicate", "mirrored_duplicate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to look at.

    Attributes:
        kind: What it is about.
        images: The image, as CLASS_FOLDER/FILE; for copies two images, the better one first.
        labels: The class folder of each image.
        score: How sure the check is, in [0, 1]; each kind has its own scale.
        reason: A sentence for people.
    """

    kind: Kind
    images: tuple[str, ...]
    labels: tuple[str, ...]
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """The class that a classifier guesses for an image it hasn't seen; probabilities in [0, 1]."""

    label: str
    probability: float
    probability_of_own: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFacts:
    """One image of the audited folder.

    Attributes:
        image: CLASS_FOLDER/FILE.
        label: Its class folder.
        size_bytes: Size of the file.
        width_px: None where the image can't be decoded.
        height_px: None where the image can't be decoded.
        guess: None where no classifier was asked.
    """

    image: str
    label: str
    size_bytes: int
    width_px: int | None
    height_px: int | None
    guess: Guess | None

    @property
    def n_pixels(self) -> int:
        """How many pixels it has; 0 where it can't be decoded."""
        return (self.width_px or 0) * (self.height_px or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything that is known about a folder of photos.

    Attributes:
        root: The folder.
        photos: Every image, by class and name.
        findings: Grouped by kind in the order of `KINDS`, the surest first.
        skipped: Why checks were left out, one sentence each.
        is_complete: Whether no check was left out because a library or weights were missing.
    """

    root: Path
    photos: tuple[PhotoFacts, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...]
    is_complete: bool = True


def worst_last(image: str, *, n_pixels: int, size_bytes: int) -> tuple[int, int, str]:
    """A sort key for copies of one photo: the most pixels first, then the most bytes."""
    return -n_pixels, -size_bytes, image


def by_kind(finding: Finding) -> tuple[int, float, tuple[str, ...]]:
    """A sort key for the findings of an audit."""
    return KINDS.index(finding.kind), -finding.score, finding.images
