"""The scores of one model: metrics with their intervals, matrices, calibration, and each class.

All are frozen. Undefined numbers are None, never 0. Shares lie in [0, 1]; losses are in nats.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from hidden_test_spec.rules import Corruption

Unreadable: TypeAlias = Literal["left_out", "wrong"]
UndefinedReason: TypeAlias = Literal["no_images", "never_predicted", "no_other_images"]


class Interval(NamedTuple):
    """A confidence interval, at the level of `Statistics`."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """How intervals, tests and tables are made.

    Attributes:
        level: Confidence of every interval.
        n_resamples: Of the bootstrap of the calibration error.
        seed: Of that bootstrap.
        n_bins: Bins of equal width in the reliability table and the calibration error.
        margin: Loss of accuracy that still counts as no worse, in [0, 1].
        confidence_step: Change of the true class's probability that counts as a shift of
            confidence.
        min_class_images: Fewest images that a number shown to students rests on.
        unreadable: Whether an image that can't be read is left out, or counts as a wrong answer.
        class_change: Change of a class's recall for which `ClassChange.n_images_to_tell` is given.
        power: Chance to tell a change that is meant by "enough images".
    """

    level: float = 0.95
    n_resamples: int = 2000
    seed: int = 0
    n_bins: int = 10
    margin: float = 0.05
    confidence_step: float = 0.25
    min_class_images: int = 5
    unreadable: Unreadable = "left_out"
    class_change: float = 0.1
    power: float = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionMatrix:
    """Counts of shape (n_classes, n_classes): true class down, predicted class across.

    A row is None in a student's edition, where it rests on too few images.
    """

    vocab: tuple[str, ...]
    counts: tuple[tuple[int, ...] | None, ...]

    def __post_init__(self) -> None:
        """Check that the counts are square."""
        n_classes = len(self.vocab)
        rows = [row for row in self.counts if row is not None]
        if len(self.counts) != n_classes or any(len(row) != n_classes for row in rows):
            raise ValueError("counts must have the shape (n_classes, n_classes)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusedPair:
    """How often images of one class were taken for another."""

    label: str
    prediction: str
    n_images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OneVsRest:
    """The 2x2 matrix of one class against all others."""

    tp: int
    fp: int
    fn: int
    tn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """How well one class was recognised among the scored images.

    Attributes:
        label: The class.
        support: Its scored images; None in a student's edition where they are too few, and then
            every other number is None too.
        recall: tp / (tp + fn).
        recall_interval: Wilson's.
        precision: tp / (tp + fp).
        precision_interval: Wilson's.
        f1: 2 tp / (2 tp + fp + fn).
        f1_interval: Wilson's, of tp / (tp + fp + fn), on which F1 depends alone.
        auc: Area under the ROC curve of the class's probability, against all other classes.
        auc_interval: DeLong's.
        mean_loss: Mean cross-entropy of its images, in nats.
        one_vs_rest: Counts against all other classes.
    """

    label: str
    support: int | None
    recall: float | None
    recall_interval: Interval | None
    precision: float | None
    precision_interval: Interval | None
    f1: float | None
    f1_interval: Interval | None
    auc: float | None
    auc_interval: Interval | None
    mean_loss: float | None
    one_vs_rest: OneVsRest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopK:
    """Share of all images whose class is among the k most probable, with Wilson's interval."""

    k: int
    accuracy: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Numbers over the whole test set.

    Attributes:
        loss: Mean cross-entropy over the scored images, in nats.
        loss_interval: Student's t of the logarithm.
        accuracy: n_correct / n_counted: unreadable images are left out, or count as wrong ones.
        accuracy_interval: Wilson's.
        accuracy_readable: n_correct / n_scored.
        accuracy_readable_interval: Wilson's.
        balanced_accuracy: Mean recall of the classes that have images.
        balanced_accuracy_interval: Wilson's, of as many images as the classes are worth.
        macro_f1: Mean F1 of the classes that have images or were predicted.
        macro_f1_interval: Wilson's, of as many images as its variance is worth.
        top_k: For each k that is smaller than the number of classes, ascending.
        brier: Mean squared distance of probabilities from the truth, over all classes, in [0, 2].
        brier_interval: Student's t of the logarithm.
        ece: Expected calibration error of the predicted class's probability, in [0, 1].
        ece_interval: By bootstrap within each class, its low end lowered by what chance explains.
        n_correct: Scored images that it got right.
        n_scored: Images that could be read.
        n_ties: Scored images on which two or more classes tie exactly for the top.
    """

    loss: float
    loss_interval: Interval
    accuracy: float
    accuracy_interval: Interval
    accuracy_readable: float
    accuracy_readable_interval: Interval
    balanced_accuracy: float
    balanced_accuracy_interval: Interval
    macro_f1: float
    macro_f1_interval: Interval
    top_k: tuple[TopK, ...]
    brier: float
    brier_interval: Interval
    ece: float
    ece_interval: Interval
    n_correct: int
    n_scored: int
    n_ties: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """The scored images whose predicted class has a probability in (low, high].

    Confidence is their mean probability, and accuracy their share of correct answers. Both, and
    Wilson's interval of the accuracy, are None if there are no such images, and in a student's
    edition if there are too few. A probability of 0 would be in the first bin.
    """

    low: float
    high: float
    n_images: int
    confidence: float | None
    accuracy: float | None
    accuracy_interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undefined:
    """A number of a class that is None, and why."""

    metric: Literal["recall", "precision", "f1", "auc", "mean_loss"]
    label: str
    reason: UndefinedReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CorruptedAccuracy:
    """The accuracy on the scored images after one thing was done to each of them.

    Attributes:
        corruption: What was done.
        n_correct: Images that the model still gets right.
        accuracy: Their share of the scored images.
        interval: Wilson's.
    """

    corruption: Corruption
    n_correct: int
    accuracy: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScores:
    """All scores of one model.

    Attributes:
        metrics: Over the whole test set.
        per_class: In the matrix's order.
        confusion_matrix: Counts.
        most_confused: Pairs with at least one image, the most frequent first, then by name.
        reliability: Bins from 0 to 1.
        undefined: Every number of `per_class` that is None, class by class; a student's edition
            leaves out the classes that it withholds.
        robustness: The accuracy on worse photos; empty if that wasn't measured.
    """

    metrics: Metrics
    per_class: tuple[ClassScore, ...]
    confusion_matrix: ConfusionMatrix
    most_confused: tuple[ConfusedPair, ...]
    reliability: tuple[ReliabilityBin, ...]
    undefined: tuple[Undefined, ...]
    robustness: tuple[CorruptedAccuracy, ...] = ()

    @property
    def mean_confidence(self) -> float | None:
        """Mean probability of the predicted class; None where a bin's numbers are withheld."""
        sums = [
            None if one.confidence is None else one.confidence * one.n_images
            for one in self.reliability
            if one.n_images
        ]
        known = [one for one in sums if one is not None]
        return sum(known) / self.metrics.n_scored if len(known) == len(sums) else None
