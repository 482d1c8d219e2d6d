"""All scores of one model over a test set."""

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
from grader.scoring.averages import (
    balanced_accuracy,
    balanced_accuracy_interval,
    macro_f1,
    macro_f1_interval,
)
from grader.scoring.bootstrapping import resampled_sums
from grader.scoring.calibration import (
    binned_gaps,
    brier_scores,
    calibration_error,
    calibration_interval,
    confidences,
    reliability_table,
)
from grader.scoring.intervals import wilson_interval
from grader.scoring.means import positive_mean_interval
from grader.scoring.per_class import (
    class_scores,
    confusion_matrix,
    count_pairs,
    image_losses,
    undefined_numbers,
)
from grader.scoring.sample_sizes import Sampling, independent

_TOP_K = (2, 3, 5)


def score(
    predictions: Predictions,
    targets: NDArray[np.intp],
    *,
    n_images: int,
    statistics: Statistics,
    photos: NDArray[np.intp] | None = None,
) -> ModelScores:
    """All scores of one model.

    Args:
        predictions: Of the scored images.
        targets: Class index of each scored image, shape (n_scored,).
        n_images: The images that the accuracy is a share of: the scored ones, and the unreadable
            ones where these count as wrong.
        statistics: How intervals and tables are made.
        photos: A number for each scored image, the same for those that show one photo; None where
            all show photos of their own.
    """
    sampling = independent(targets) if photos is None else Sampling(targets=targets, photos=photos)
    per_class = class_scores(predictions, sampling, level=statistics.level)
    matrix = confusion_matrix(targets, predictions.predictions, vocab=predictions.labels)
    is_right = predictions.predictions == targets
    return ModelScores(
        metrics=_metrics(predictions, sampling, n_images=n_images, statistics=statistics),
        per_class=per_class,
        confusion_matrix=matrix,
        most_confused=most_confused(matrix),
        reliability=reliability_table(
            confidences(predictions), is_right, sampling.photos, statistics
        ),
        undefined=tuple(undefined_numbers(per_class)),
    )


def _metrics(
    predictions: Predictions, sampling: Sampling, *, n_images: int, statistics: Statistics
) -> Metrics:
    targets, level, weight = sampling.targets, statistics.level, sampling.weight
    n_scored = len(targets)
    n_correct = int((predictions.predictions == targets).sum())
    counts = count_pairs(targets, predictions.predictions, n_classes=len(predictions.labels))
    losses, briers = image_losses(predictions, targets), brier_scores(predictions, targets)
    parts = binned_gaps(predictions, targets, n_bins=statistics.n_bins)
    redrawn = resampled_sums(parts, sampling, statistics)
    return Metrics(
        loss=float(losses.mean()),
        loss_interval=positive_mean_interval(losses, sampling, level=level),
        accuracy=n_correct / n_images,
        accuracy_interval=wilson_interval(n_correct, n_images, level=level, weight=weight),
        accuracy_readable=n_correct / n_scored,
        accuracy_readable_interval=wilson_interval(n_correct, n_scored, level=level, weight=weight),
        balanced_accuracy=balanced_accuracy(counts),
        balanced_accuracy_interval=balanced_accuracy_interval(counts, weight, level=level),
        macro_f1=macro_f1(counts),
        macro_f1_interval=macro_f1_interval(counts, weight, level=level),
        top_k=top_k_accuracies(predictions, targets, n_images=n_images, level=level, weight=weight),
        brier=float(briers.mean()),
        brier_interval=positive_mean_interval(briers, sampling, level=level),
        ece=calibration_error(parts.sum(axis=0)),
        ece_interval=calibration_interval(parts.sum(axis=0), redrawn, level=level),
        n_correct=n_correct,
        n_scored=n_scored,
        n_ties=predictions.n_ties,
    )


def top_k_accuracies(
    predictions: Predictions,
    targets: NDArray[np.intp],
    *,
    n_images: int,
    level: float,
    weight: float = 1.0,
) -> tuple[TopK, ...]:
    """Shares of images whose class is among the k most probable, for k of 2, 3 and 5.

    Of classes with exactly the same probability, the true one
    counts as the last, unless it is the predicted class.

    Args:
        predictions: Of the scored images.
        targets: Class index of each, shape (n_scored,).
        n_images: The images that these are shares of, at least 1.
        level: Of the intervals, in (0, 1).
        weight: How much an image counts for.

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
            interval = wilson_interval(n_hits, n_images, level=level, weight=weight)
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
