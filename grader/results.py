"""Every value that crosses a module of the grader, but for a model's scores in `scores.py`.

All are frozen; arrays are read-only. Undefined numbers are None, never 0. Shares lie in [0, 1].
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.scores import ModelScores
from hidden_test_spec.spec import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRequest:
    """What to grade.

    Attributes:
        model: The candidate's export.
        data: The test folder, DIR/<label>/<image>.
        baseline: The first stage's export.
        spec: The contract; without it, classes are the vocab's and there is no grade.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        batch_size: Images at a time; None takes what suits the device and the images' size.
    """

    model: Path
    data: Path
    baseline: Path | None = None
    spec: Spec | None = None
    device: str = "auto"
    batch_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """Which model was graded. `vocab` is the model's own, in the order of its outputs."""

    path: str
    sha256: str
    architecture: str
    vocab: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestImage:
    """One image of the test folder; `name` is its path relative to the folder, with slashes."""

    __test__ = False  # pytest: the name says Test, but this is no test.

    path: Path
    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSet:
    """The unseen folder, aligned to the classes.

    Attributes:
        root: The folder.
        labels: All classes in the order of tables and matrices: the spec's, else the vocab's.
        images: Sorted by class folder, then by name.
        other_files: Names of what is no image in a class folder, relative to the root, sorted.
    """

    __test__ = False

    root: Path
    labels: tuple[str, ...]
    images: tuple[TestImage, ...]
    other_files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableImage:
    """An image that can't be decoded, and why."""

    image: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutputs:
    """What one model said.

    Attributes:
        logits: Shape (n_read, n_outputs), float64, finite, unnormalised.
        positions: Shape (n_read,): which images of the test set the rows are about, ascending.
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
            where several share the top.
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
        """On how many images two or more classes share the top exactly."""
        return int((self._shares_top.sum(axis=1) > 1).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An image on which exactly one of the two models is right."""

    image: str
    label: str
    baseline_prediction: str
    candidate_prediction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChange:
    """What changed in one class from the baseline to the candidate."""

    label: str
    support: int
    baseline_recall: float | None
    candidate_recall: float | None
    n_regressions: int
    n_improvements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Candidate against baseline on the same images.

    Attributes:
        baseline: The baseline model.
        baseline_scores: Its scores.
        accuracy_change: Candidate's accuracy minus the baseline's, in [-1, 1].
        regressions: Right before, wrong now; in the test set's order.
        improvements: Wrong before, right now; in the test set's order.
        per_class: In the order of the classes.
    """

    baseline: ModelInfo
    baseline_scores: ModelScores
    accuracy_change: float
    regressions: tuple[Flip, ...]
    improvements: tuple[Flip, ...]
    per_class: tuple[ClassChange, ...]

    @property
    def n_regressions(self) -> int:
        """How many images the candidate broke."""
        return len(self.regressions)

    @property
    def n_improvements(self) -> int:
        """How many images the candidate mended."""
        return len(self.improvements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One criterion of the rubric, judged.

    Attributes:
        criterion: The rule's text.
        passed: Whether it is met. An undefined value meets no rule.
        points: Points earned: all or none.
        points_possible: What the criterion is worth.
        found: The value that was judged; for a rule about every class, the worst one.
        required: The rule's threshold.
    """

    criterion: str
    passed: bool
    points: float
    points_possible: float
    found: float | None
    required: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Points of all verdicts together, and whether they pass."""

    points: float
    points_possible: float
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What the numbers were computed with.

    Attributes:
        device: Its name, with the card's where it is a GPU.
        precision: Of the networks' numbers.
        backend: What ran the networks.
        wall_s: Time to read and run all images, and some of them again.
        images_per_s: Images run in that time, over all models, those run again included.
        n_regraded: Images run again in other batches, over all models.
        largest_change: What that changed in any probability, at most.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecInfo:
    """Which contract was graded against."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeReport:
    """Everything there is to say about a model; what renderers draw.

    Attributes:
        model: The candidate.
        spec: None when graded without a spec; then there are no verdicts and no grade.
        test_set: The images, with their labels.
        unreadable: Images that could not be decoded, in the test set's order.
        scored: The images that were scored, in the test set's order.
        scores: The candidate's.
        predictions: The candidate's, a row for each scored image.
        baseline_predictions: The baseline's, on the same rows.
        comparison: None without a baseline.
        verdicts: In the rubric's order.
        grade: None without a spec.
        engine: Device, precision, speed and versions.
        warnings: Sentences about what is odd but did not end the run.
    """

    model: ModelInfo
    spec: SpecInfo | None
    test_set: TestSet
    unreadable: tuple[UnreadableImage, ...]
    scored: tuple[TestImage, ...]
    scores: ModelScores
    predictions: Predictions
    baseline_predictions: Predictions | None
    comparison: Comparison | None
    verdicts: tuple[Verdict, ...]
    grade: Grade | None
    engine: Engine
    warnings: tuple[str, ...]
