"""Scores of one model: loss, accuracy, confusion matrix, and each class by itself."""

import numpy as np
from numpy.typing import NDArray

from grader.results import Predictions
from grader.scores import ClassScore, ConfusionMatrix, Metrics, ModelScores, OneVsRest


def score(predictions: Predictions, targets: NDArray[np.intp], *, n_images: int) -> ModelScores:
    """All scores of one model.

    Args:
        predictions: Of the scored images.
        targets: Class index of each scored image, shape (n_scored,).
        n_images: Scored and unreadable images together, at least 1.
    """
    matrix = confusion_matrix(targets, predictions.predictions, vocab=predictions.labels)
    n_correct = sum(matrix.counts[i][i] for i in range(len(matrix.vocab)))
    metrics = Metrics(
        loss=cross_entropy(predictions, targets),
        accuracy=n_correct / n_images,
        accuracy_readable=n_correct / len(targets),
        n_correct=n_correct,
        n_scored=len(targets),
        n_ties=predictions.n_ties,
    )
    return ModelScores(metrics=metrics, per_class=per_class_scores(matrix), confusion_matrix=matrix)


def cross_entropy(predictions: Predictions, targets: NDArray[np.intp]) -> float:
    """Mean negative log probability of the true class, in nats.

    Args:
        predictions: Of at least one image.
        targets: Class index of each image, shape (n_scored,).
    """
    rows = np.arange(len(targets))
    return float(-predictions.log_probabilities[rows, targets].mean())


def confusion_matrix(
    targets: NDArray[np.intp], predictions: NDArray[np.intp], *, vocab: tuple[str, ...]
) -> ConfusionMatrix:
    """Counts of true class (down) and predicted class (across).

    Args:
        targets: Class indices, shape (n_scored,).
        predictions: Class indices, shape (n_scored,).
        vocab: The classes that the indices stand for.
    """
    counts = np.zeros((len(vocab), len(vocab)), dtype=np.int64)
    np.add.at(counts, (targets, predictions), 1)
    rows = tuple(tuple(int(count) for count in row) for row in counts)
    return ConfusionMatrix(vocab=vocab, counts=rows)


def per_class_scores(matrix: ConfusionMatrix) -> tuple[ClassScore, ...]:
    """Support, recall, precision and F1 of each class.

    Returns:
        In vocab order. Recall is None where support is zero, precision where the class was never
        predicted, F1 where both hold. F1 is 2 tp / (2 tp + fp + fn).

    Example:
        >>> scores = per_class_scores(
        ...     ConfusionMatrix(vocab=("robin", "wren"), counts=((3, 1), (0, 0)))
        ... )
        >>> [(one.label, one.support, one.recall, one.precision) for one in scores]
        [('robin', 4, 0.75, 1.0), ('wren', 0, None, 0.0)]
    """
    counts = np.array(matrix.counts, dtype=np.int64)
    return tuple(_class_score(label, index, counts) for index, label in enumerate(matrix.vocab))


def _class_score(label: str, index: int, counts: NDArray[np.int64]) -> ClassScore:
    tp = int(counts[index, index])
    support, n_predicted = int(counts[index].sum()), int(counts[:, index].sum())
    fp, fn = n_predicted - tp, support - tp
    return ClassScore(
        label=label,
        support=support,
        recall=_share(tp, support),
        precision=_share(tp, n_predicted),
        f1=_share(2 * tp, 2 * tp + fp + fn),
        one_vs_rest=OneVsRest(tp=tp, fp=fp, fn=fn, tn=int(counts.sum()) - tp - fp - fn),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
