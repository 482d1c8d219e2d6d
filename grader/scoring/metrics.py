"""All scores of one model over a test set."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import Predictions
from grader.results.scores import (
    ConfusedPair,
    ConfusionMatrix,
    Metrics,
    ModelScores,
    Statistics,
    TopK,
)
from grader.scoring.calibration import (
    binned_gaps,
    brier_scores,
    calibration_error,
    calibration_interval,
    confidences,
    reliability_table,
)
from grader.scoring.intervals import bootstrap, percentile_interval, wilson_interval
from grader.scoring.per_class import (
    class_scores,
    confusion_matrix,
    image_losses,
    undefined_numbers,
)

_TOP_K = (2, 3, 5)


def score(
    predictions: Predictions,
    targets: NDArray[np.intp],
    *,
    n_images: int,
    statistics: Statistics,
) -> ModelScores:
    """All scores of one model.

    Args:
        predictions: Of the scored images.
        targets: Class index of each scored image, shape (n_scored,).
        n_images: Scored and unreadable images together, at least 1.
        statistics: How intervals and tables are made.
    """
    per_class = class_scores(predictions, targets, level=statistics.level)
    matrix = confusion_matrix(targets, predictions.predictions, vocab=predictions.labels)
    is_right = predictions.predictions == targets
    return ModelScores(
        metrics=_metrics(predictions, targets, n_images=n_images, statistics=statistics),
        per_class=per_class,
        confusion_matrix=matrix,
        most_confused=most_confused(matrix),
        reliability=reliability_table(confidences(predictions), is_right, statistics),
        undefined=tuple(undefined_numbers(per_class)),
    )


def _metrics(
    predictions: Predictions,
    targets: NDArray[np.intp],
    *,
    n_images: int,
    statistics: Statistics,
) -> Metrics:
    n_scored, level = len(targets), statistics.level
    n_correct = int((predictions.predictions == targets).sum())
    measure = _measure(predictions, targets, n_bins=statistics.n_bins)
    loss, balanced, f1, brier, *gaps = measure(np.ones(n_scored)).tolist()
    redrawn = bootstrap(targets, statistics, measure)
    intervals = [percentile_interval(values, level=level) for values in redrawn.T[:4]]
    return Metrics(
        loss=loss,
        loss_interval=intervals[0],
        accuracy=n_correct / n_images,
        accuracy_interval=wilson_interval(n_correct, n_images, level=level),
        accuracy_readable=n_correct / n_scored,
        accuracy_readable_interval=wilson_interval(n_correct, n_scored, level=level),
        balanced_accuracy=balanced,
        balanced_accuracy_interval=intervals[1],
        macro_f1=f1,
        macro_f1_interval=intervals[2],
        top_k=top_k_accuracies(predictions, targets, n_images=n_images, level=level),
        brier=brier,
        brier_interval=intervals[3],
        ece=calibration_error(np.array(gaps)),
        ece_interval=calibration_interval(np.array(gaps), redrawn[:, 4:], level=level),
        n_correct=n_correct,
        n_scored=n_scored,
        n_ties=predictions.n_ties,
    )


def _measure(
    predictions: Predictions, targets: NDArray[np.intp], *, n_bins: int
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """A function from image counts to the numbers that the bootstrap resamples.

    These are loss, balanced accuracy, macro F1, Brier score, and the gap of each bin.
    """
    n_classes = len(predictions.labels)
    losses, briers = image_losses(predictions, targets), brier_scores(predictions, targets)
    pairs = targets * n_classes + predictions.predictions
    gaps = binned_gaps(predictions, targets, n_bins=n_bins)

    def measure(counted: NDArray[np.float64]) -> NDArray[np.float64]:
        flat = np.bincount(pairs, weights=counted, minlength=n_classes**2).astype(np.float64)
        counts = flat.reshape(n_classes, n_classes)
        loss, brier = (counted * losses).mean(), (counted * briers).mean()
        return np.array([loss, balanced_accuracy(counts), macro_f1(counts), brier, *gaps(counted)])

    return measure


def balanced_accuracy(counts: NDArray[np.float64]) -> float:
    """Mean recall of the classes that have images, in [0, 1].

    Args:
        counts: Shape (n_classes, n_classes), true class down, with at least one image.

    Example:
        >>> balanced_accuracy(np.array([[3.0, 1.0], [0.0, 2.0]]))
        0.875
    """
    support = counts.sum(axis=1)
    present = support > 0
    return float((np.diagonal(counts)[present] / support[present]).mean())


def macro_f1(counts: NDArray[np.float64]) -> float:
    """Mean F1 of the classes that have images or were predicted, in [0, 1].

    Args:
        counts: Shape (n_classes, n_classes), true class down, with at least one image.

    Example:
        >>> macro_f1(np.array([[1.0, 2.0], [0.0, 1.0]]))
        0.5
    """
    n_either = counts.sum(axis=0) + counts.sum(axis=1)
    present = n_either > 0
    return float((2 * np.diagonal(counts)[present] / n_either[present]).mean())


def top_k_accuracies(
    predictions: Predictions, targets: NDArray[np.intp], *, n_images: int, level: float
) -> tuple[TopK, ...]:
    """Shares of images whose class is among the k most probable, for k of 2, 3 and 5.

    An unreadable image counts as a miss. Of classes with exactly the same probability, the true one
    counts as the last, unless it is the predicted class.

    Args:
        predictions: Of the scored images.
        targets: Class index of each, shape (n_scored,).
        n_images: Scored and unreadable images together, at least 1.
        level: Of the intervals, in (0, 1).

    Returns:
        One for each k that is less than the number of classes, the smallest first.
    """
    rows = np.arange(len(targets))
    of_truth = predictions.log_probabilities[rows, targets]
    ranks = (predictions.log_probabilities >= of_truth[:, None]).sum(axis=1)
    ranks = np.where(predictions.predictions == targets, 1, ranks)
    found = []
    for k in _TOP_K:
        if k < len(predictions.labels):
            n_hits = int((ranks <= k).sum())
            interval = wilson_interval(n_hits, n_images, level=level)
            found.append(TopK(k=k, accuracy=n_hits / n_images, interval=interval))
    return tuple(found)


def most_confused(matrix: ConfusionMatrix) -> tuple[ConfusedPair, ...]:
    """Every pair of a true class and a wrong answer, the most frequent first, then by name.

    Example:
        >>> matrix = ConfusionMatrix(vocab=("robin", "wren"), counts=((3, 0), (2, 1)))
        >>> most_confused(matrix)
        (ConfusedPair(label='wren', prediction='robin', n_images=2),)
    """
    pairs = [
        ConfusedPair(label=label, prediction=prediction, n_images=n_images)
        for label, row in zip(matrix.vocab, matrix.counts, strict=True)
        for prediction, n_images in zip(matrix.vocab, row or (), strict=row is not None)
        if n_images and prediction != label
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.n_images, pair.label, pair.prediction)))
