"""The `GradeReport`: everything that is known about a model's grading, for renderers to draw."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from grader.results.answers import Engine, Predictions
from grader.results.comparisons import Comparison
from grader.results.explanations import Explanation
from grader.results.models import ModelInfo
from grader.results.presentation import Audience
from grader.results.scores import ModelScores, Statistics

NoticeCode: TypeAlias = Literal[
    "classes_without_images",
    "other_files",
    "small_images",
    "rotated_images",
    "no_baseline",
    "unreadable_left_out",
    "unreadable_wrong",
    "copies_across_classes",
    "repeated_classes",
    "ties",
    "seen_in_training",
    "copies",
    "single_images",
    "withheld_classes",
    "only_in_first",
    "only_in_second",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One criterion of the rubric, judged.

    Attributes:
        criterion: The rule's text.
        judged_on: The value itself, or the less favourable bound of its interval.
        passed: Whether it is met. An undefined value meets no rule.
        points: Points earned: all or none, or a part where they are graded.
        points_possible: What the criterion is worth.
        found: The value or bound that was judged; for a rule about every class, the worst class's.
        estimate: The value itself, also if a bound was judged.
        label: The class that decided a rule about every class; None for other rules, if no class
            has images, and in a student's edition if the class has too few.
        required: The rule's threshold.
        graded_from: Where points begin to rise in proportion to the value; None if they don't.
        graded_to: Where all points are earned; None if they are all or none.
    """

    criterion: str
    judged_on: Literal["value", "bound"]
    passed: bool
    points: float
    points_possible: float
    found: float | None
    estimate: float | None
    label: str | None
    required: float
    graded_from: float | None = None
    graded_to: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Points of all verdicts together, and whether they pass."""

    points: float
    points_possible: float
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecInfo:
    """Which contract the model was graded against."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something odd that did not end the run; renderers put it into words.

    Attributes:
        code: What is odd.
        n: How many there are.
        of: Out of how many, or the limit that they are below; 0 if neither applies.
        model: File name of the model that it is about; None if it is about the test set.
        labels: Classes that it is about.
        images: Names of files of the test set; empty in a student's edition.
    """

    code: NoticeCode
    n: int = 0
    of: int = 0
    model: str | None = None
    labels: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSetSummary:
    """How large the test set is.

    Attributes:
        path: The folder; None in a student's edition.
        classes: In the order of tables and matrices.
        n_images: Scored and unreadable ones.
        n_unreadable: Images that could not be decoded.
        n_counted: Images that the accuracy is a share of: the scored ones, and the unreadable ones
            where these count as wrong.
        n_photos: How many different photos the scored images show.
        n_effective: How many images the counted ones are worth: fewer where some show the same
            photo.
        n_other_files: Files in class folders that are not images.
        n_rotated: Images whose EXIF orientation asks for a rotation, which isn't done.
    """

    __test__ = False  # pytest: the name says Test, but this is not a test.

    path: str | None
    classes: tuple[str, ...]
    n_images: int
    n_unreadable: int
    n_counted: int
    n_photos: int
    n_effective: float
    n_other_files: int
    n_rotated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """One image of the test set.

    Attributes:
        name: Its path relative to the folder, with slashes.
        label: Its true class.
        sha256: Of the file.
        unreadable: Why it can't be decoded; None if it can be.
        same_photo_as: Name of the first image that shows the same photo; None if there is none.
    """

    name: str
    label: str
    sha256: str
    unreadable: str | None
    same_photo_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about individual images. A student's edition has none of it.

    Attributes:
        images: All of them, in the test set's order.
        other_files: Names of files in class folders that are not images, sorted.
        predictions: The candidate's; row i is about image i of `scored`.
        baseline_predictions: The baseline's, on the same rows.
        explanations: Where the models looked, for some of the images, the most important first.
    """

    images: tuple[ImageRecord, ...]
    other_files: tuple[str, ...]
    predictions: Predictions
    baseline_predictions: Predictions | None
    explanations: tuple[Explanation, ...] = ()

    @property
    def scored(self) -> tuple[ImageRecord, ...]:
        """The images that could be read, in order."""
        return tuple(image for image in self.images if image.unreadable is None)

    @property
    def unreadable(self) -> tuple[ImageRecord, ...]:
        """The images that could not be decoded, in order."""
        return tuple(image for image in self.images if image.unreadable is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeReport:
    """Everything that is known about a model's grading.

    Attributes:
        audience: Who it may be shown to.
        model: The candidate.
        spec: None when graded without a spec; then there are no verdicts and no grade.
        statistics: How intervals, tests and tables were made.
        test_set: How large the test set is.
        scores: The candidate's.
        comparison: None without a baseline.
        verdicts: In the rubric's order.
        grade: None without a spec.
        engine: Device, precision, speed and versions.
        notices: What is odd but did not end the run.
        evidence: Everything about individual images; None in a student's edition.
    """

    audience: Audience
    model: ModelInfo
    spec: SpecInfo | None
    statistics: Statistics
    test_set: TestSetSummary
    scores: ModelScores
    comparison: Comparison | None
    verdicts: tuple[Verdict, ...]
    grade: Grade | None
    engine: Engine
    notices: tuple[Notice, ...]
    evidence: Evidence | None
