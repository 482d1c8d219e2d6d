"""The JSON document of a report as a type: it makes the schema, and validates what is read.

`writing.py` writes it, `reading.py` turns it back into a `GradeReport`.
"""

from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from grader.results.comparisons import (
    ClassChange,
    ConfidenceShift,
    Direction,
    Equivalence,
    Flip,
    McNemar,
)
from grader.results.explanations import Explanation
from grader.results.models import TrainingRecord
from grader.results.preprocessing import (
    CropAndSample,
    CropOrPad,
    CropTensor,
    ImageMode,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
    ResizeTensor,
    SampleGrid,
    Standardize,
    ToFloat,
)
from grader.results.presentation import Audience
from grader.results.report import Grade, ImageRecord, Notice, SpecInfo, Verdict
from grader.results.scores import (
    ClassScore,
    ConfusedPair,
    CorruptedAccuracy,
    Interval,
    Metrics,
    ReliabilityBin,
    Statistics,
    Undefined,
)

SCHEMA_VERSION = 3

Kind = TypeVar("Kind")
Settings = TypeVar("Settings")


class _Document(BaseModel):
    """A part of the document, with these keys and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StepDocument(_Document, Generic[Kind, Settings]):
    """One thing that happens to an image: its kind, and how it is done."""

    step: Kind
    settings: Settings


ImageStepDocument: TypeAlias = Annotated[
    StepDocument[Literal["ResizeImage"], ResizeImage]
    | StepDocument[Literal["CropOrPad"], CropOrPad]
    | StepDocument[Literal["ResizeAndCrop"], ResizeAndCrop]
    | StepDocument[Literal["ResizeLongest"], ResizeLongest],
    Field(discriminator="step"),
]
TensorStepDocument: TypeAlias = Annotated[
    StepDocument[Literal["ToFloat"], ToFloat]
    | StepDocument[Literal["SampleGrid"], SampleGrid]
    | StepDocument[Literal["CropAndSample"], CropAndSample]
    | StepDocument[Literal["Standardize"], Standardize]
    | StepDocument[Literal["ResizeTensor"], ResizeTensor]
    | StepDocument[Literal["CropTensor"], CropTensor],
    Field(discriminator="step"),
]


class PreprocessingDocument(_Document):
    """What happens to an image, in order."""

    mode: ImageMode
    image_steps: tuple[ImageStepDocument, ...]
    tensor_steps: tuple[TensorStepDocument, ...]
    batch_steps: tuple[TensorStepDocument, ...]
    left_out: tuple[str, ...]


class ProvenanceDocument(_Document):
    """Where a model comes from."""

    size_bytes: int
    n_parameters: int
    generation: str | None
    versions: dict[str, str]
    preprocessing: PreprocessingDocument
    record: TrainingRecord | None


class ModelDocument(_Document):
    """Which model; a student's edition has its file name as path."""

    path: str
    sha256: str
    architecture: str
    vocab: tuple[str, ...]
    provenance: ProvenanceDocument


class MatrixDocument(_Document):
    """Counts, true class down, predicted across; a row is null where it rests on too few images."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...] | None, ...]


class UnreadableDocument(_Document):
    """An image that could not be decoded."""

    image: str
    reason: str


class TestSetDocument(_Document):
    """The test set; a student's edition has null for the path and for every list of files."""

    __test__ = False  # pytest: the name says Test, but this is not a test.

    path: str | None
    n_images: int
    n_unreadable: int
    n_counted: int
    n_photos: int
    n_effective: float
    classes: tuple[str, ...]
    unreadable: tuple[UnreadableDocument, ...] | None
    n_other_files: int
    other_files: tuple[str, ...] | None
    n_rotated: int
    images: tuple[ImageRecord, ...] | None


class ComparisonDocument(_Document):
    """Candidate against baseline. The four lists of images are null in a student's edition."""

    baseline_model: ModelDocument
    baseline_metrics: Metrics
    baseline_per_class: tuple[ClassScore, ...]
    baseline_confusion_matrix: MatrixDocument
    baseline_most_confused: tuple[ConfusedPair, ...]
    baseline_reliability: tuple[ReliabilityBin, ...]
    baseline_undefined: tuple[Undefined, ...]
    baseline_robustness: tuple[CorruptedAccuracy, ...] = ()
    accuracy_change: float
    accuracy_change_interval: Interval
    loss_change: float
    loss_change_interval: Interval
    mcnemar: McNemar
    equivalence: Equivalence
    direction: Direction
    n_images_to_tell: int | None
    n_regressions: int
    n_improvements: int
    n_confidence_drops: int
    n_confidence_gains: int
    churn: float
    negative_flip_rate: float
    positive_flip_rate: float
    regressions: tuple[Flip, ...] | None
    improvements: tuple[Flip, ...] | None
    confidence_drops: tuple[ConfidenceShift, ...] | None
    confidence_gains: tuple[ConfidenceShift, ...] | None
    per_class: tuple[ClassChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictDocument(Verdict):
    """A verdict with its reason, in English."""

    reason: str


class EngineDocument(_Document):
    """What the numbers were computed with."""

    device: str
    precision: str
    backend: str
    wall_s: float
    images_per_s: float
    n_regraded: int
    largest_change: float
    versions: dict[str, str]


class AnswersDocument(_Document):
    """One model's answers: a row for each image that could be read, in the test set's order.

    Log probabilities have a column for each class, null for one that the model lacks. Predictions
    are positions in the classes.
    """

    vocab_labels: tuple[str, ...]
    predictions: tuple[int, ...]
    log_probabilities: tuple[tuple[float | None, ...], ...]


class PredictionsDocument(_Document):
    """The answers of both models."""

    candidate: AnswersDocument
    baseline: AnswersDocument | None


class ReportDocument(_Document):
    """A grade report. Undefined numbers are null, shares lie in [0, 1], losses are in nats."""

    schema_version: Literal[3] = Field(description="Version of this layout.")
    audience: Audience
    model: ModelDocument
    spec: SpecInfo | None
    statistics: Statistics
    test_set: TestSetDocument
    metrics: Metrics
    per_class: tuple[ClassScore, ...]
    confusion_matrix: MatrixDocument
    most_confused: tuple[ConfusedPair, ...]
    reliability: tuple[ReliabilityBin, ...]
    undefined: tuple[Undefined, ...]
    robustness: tuple[CorruptedAccuracy, ...] = Field(
        default=(), description="Accuracy on worse photos; empty if that wasn't measured."
    )
    comparison: ComparisonDocument | None
    verdicts: tuple[VerdictDocument, ...]
    grade: Grade | None
    engine: EngineDocument
    notices: tuple[Notice, ...]
    warnings: tuple[str, ...] = Field(description="The notices in English.")
    predictions: PredictionsDocument | None
    explanations: tuple[Explanation, ...] | None = Field(
        default=None, description="Where the models looked in some of the images."
    )
