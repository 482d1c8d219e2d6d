"""The scores of one model: metrics, confusion matrix, and each class by itself. All are frozen.

Undefined numbers are None, never 0. Shares lie in [0, 1]; losses are means in nats.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionMatrix:
    """Counts of shape (n_classes, n_classes): true class down, predicted class across."""

    vocab: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """Check that the counts are square."""
        n_classes = len(self.vocab)
        if len(self.counts) != n_classes or any(len(row) != n_classes for row in self.counts):
            raise ValueError("counts must have the shape (n_classes, n_classes)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OneVsRest:
    """The 2x2 matrix of one class against all others."""

    tp: int
    fp: int
    fn: int
    tn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """How well one class was recognised among the scored images."""

    label: str
    support: int
    recall: float | None
    precision: float | None
    f1: float | None
    one_vs_rest: OneVsRest


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Numbers over the whole test set.

    Attributes:
        loss: Mean cross-entropy over the scored images, in nats.
        accuracy: n_correct / n_images: an unreadable image counts as a wrong one.
        accuracy_readable: n_correct / n_scored.
        n_correct: Scored images named correctly.
        n_scored: Images that could be read.
        n_ties: Scored images on which two or more classes share the top exactly.
    """

    loss: float
    accuracy: float
    accuracy_readable: float
    n_correct: int
    n_scored: int
    n_ties: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScores:
    """All scores of one model; `per_class` follows the matrix's vocab."""

    metrics: Metrics
    per_class: tuple[ClassScore, ...]
    confusion_matrix: ConfusionMatrix
