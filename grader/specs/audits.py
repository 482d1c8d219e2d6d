"""The values of an audit: which test images show the same photo, and which were trained on."""

from dataclasses import dataclass
from pathlib import Path

from hidden_test_spec.near_duplicates import Kind
from hidden_test_spec.sidecar import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedImage:
    """An image in a finding.

    Attributes:
        path: The file; None where only its hashes are known.
        name: Its path relative to the folder; None where only its hashes are known.
        label: Its class; None if unknown, as in a folder without class folders.
        part: The part of the training data it is from, according to a record beside an export.
    """

    path: Path | None
    name: str | None
    label: str | None
    part: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Two images that show the same photo.

    Attributes:
        kind: What is the same: the bytes, the pixels, the picture, or the mirrored picture.
        distance: How many of 64 bits of the perceptual hashes differ.
        is_confirmed: Whether a second hash agrees; False if there was none to compare.
        image: An image of the test set.
        other: Another one, or an image of the training data.
        source: Which training data; None if both are of the test set.
        across_classes: Whether the two have different labels; None where one has no
            label that is a class of the test set.
    """

    kind: Kind
    distance: int
    is_confirmed: bool
    image: AuditedImage
    other: AuditedImage
    source: Path | None
    across_classes: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSource:
    """Training data that a test set was compared with.

    Attributes:
        path: The folder, the export or the record beside it.
        n_images: How many images of it could be compared.
        has_pictures: Whether the images themselves were available, or only two hashes of each.
        unreadable: Names of images that could not be decoded; only their bytes were compared.
    """

    path: Path
    n_images: int
    has_pictures: bool
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An image of the test set that can't be decoded, and why."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found in a test set.

    Attributes:
        root: The test folder.
        n_images: How many images it has.
        n_photos: How many different photos its readable images show: what a grade rests on.
        n_leaked: How many images of the test set occur in training data; None if no training data
            was given.
        max_distance: Most bits by which near duplicates were allowed to differ.
        findings: Copies inside the set, then images that occur in training data.
        sources: The training data.
        unreadable: Images that can't be decoded.
    """

    root: Path
    n_images: int
    n_photos: int
    n_leaked: int | None
    max_distance: int
    findings: tuple[Finding, ...]
    sources: tuple[TrainingSource, ...]
    unreadable: tuple[Unreadable, ...]

    @property
    def leaked_share(self) -> float | None:
        """Share of the test set that occurs in training data, in [0, 1]; None if `n_leaked` is."""
        return None if self.n_leaked is None else self.n_leaked / self.n_images

    @property
    def copies(self) -> tuple[Finding, ...]:
        """The findings inside the test set."""
        return tuple(one for one in self.findings if one.source is None)

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """The findings in training data."""
        return tuple(one for one in self.findings if one.source is not None)
