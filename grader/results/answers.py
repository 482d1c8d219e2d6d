"""The images of a test set and the models' answers on them; arrays are read-only."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedImage:
    """One file of a test folder; `name` is its path relative to the folder, with slashes."""

    path: Path
    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader:
    """An image's shorter side in pixels and whether EXIF asks for a rotation, from its header."""

    shorter_side_px: int
    is_rotated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TestImage(ListedImage):
    """One image of the test set, as its bytes were when read.

    Attributes:
        sha256: Of its bytes, in hexadecimal.
        header: What its header says; None where it can't be read.
    """

    __test__ = False  # pytest: the name says Test, but this is not a test.

    sha256: str
    header: ImageHeader | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSet:
    """The unseen folder, read and aligned to the classes; the same for any number of models.

    Attributes:
        root: The folder.
        labels: All classes in the order of tables and matrices: the spec's, else the vocab's.
        images: Sorted by class folder, then by name.
        other_files: Names of files in class folders that are not images, relative to the root,
            sorted.
    """

    __test__ = False

    root: Path
    labels: tuple[str, ...]
    images: tuple[TestImage, ...]
    other_files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutputs:
    """One model's raw answers.

    Attributes:
        logits: Shape (n_read, n_outputs), float64, finite, unnormalised.
        positions: Shape (n_read,): the rows' positions among the test set's images, ascending.
        unreadable: Position and reason of every other image.
    """

    logits: NDArray[np.float64]
    positions: NDArray[np.intp]
    unreadable: tuple[tuple[int, str], ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        self.logits.setflags(write=False)
        self.positions.setflags(write=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """One model's answers on the scored images, by class.

    Attributes:
        labels: The classes, in the order of the columns.
        vocab_labels: The same classes in the order of the model's vocab; those it lacks are absent.
        log_probabilities: Shape (n_scored, n_classes), float64; a class the model lacks has -inf.
        predictions: Index of the most probable class of each image, shape (n_scored,); one of them
            if several tie.
    """

    labels: tuple[str, ...]
    vocab_labels: tuple[str, ...]
    log_probabilities: NDArray[np.float64]
    predictions: NDArray[np.intp]

    def __post_init__(self) -> None:
        """Check the arrays and freeze them."""
        if self.log_probabilities.ndim != 2 or self.log_probabilities.shape[1] != len(self.labels):  # noqa: PLR2004 - a matrix has 2 dimensions
            raise ValueError("log_probabilities must have the shape (n_scored, n_classes)")
        n_scored = len(self.log_probabilities)
        if self.predictions.shape != (n_scored,):
            raise ValueError("predictions must have the shape (n_scored,)")
        if not self._shares_top[np.arange(n_scored), self.predictions].all():
            raise ValueError("predictions must be most probable classes")
        self.log_probabilities.setflags(write=False)
        self.predictions.setflags(write=False)

    @property
    def _shares_top(self) -> NDArray[np.bool_]:
        top = self.log_probabilities.max(axis=1, keepdims=True)
        shares: NDArray[np.bool_] = self.log_probabilities == top
        return shares

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Shape (n_scored, n_classes); each row sums to 1."""
        return np.exp(self.log_probabilities)

    @property
    def n_ties(self) -> int:
        """On how many images two or more classes tie exactly for the top."""
        return int((self._shares_top.sum(axis=1) > 1).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What the numbers were computed with.

    Attributes:
        device: Its name, with the card's if it is a GPU.
        precision: Of the networks' numbers.
        backend: What ran the networks.
        wall_s: Time to read and run all images, and to run some of them again.
        images_per_s: Images run per second over all models, including those run again.
        n_regraded: Images run again in other batches, over all models.
        largest_change: The most that this changed any probability.
        versions: Of Python and the packages that the numbers depend on.
    """

    device: str
    precision: str
    backend: str
    wall_s: float
    images_per_s: float
    n_regraded: int
    largest_change: float
    versions: tuple[tuple[str, str], ...]
