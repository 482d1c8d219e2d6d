"""How far probabilities can be trusted: reliability, calibration error, Brier score.

Guo et al. (2017), "On calibration of modern neural networks", for the calibration error of the
predicted class; Brier (1950) for the score over all classes.

The calibration error needs its own kind of interval. Chance alone opens gaps between confidence and
accuracy, and a resample opens more of them, so the plain percentile interval never reaches zero,
even for a calibrated model.
"""

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import Predictions
from grader.results.scores import Interval, ReliabilityBin, Statistics
from grader.scoring.intervals import share_interval
from grader.scoring.sample_sizes import image_weight


def brier_scores(predictions: Predictions, targets: NDArray[np.intp]) -> NDArray[np.float64]:
    """Squared distance of each image's probabilities from the truth, shape (n_scored,), in [0, 2].

    Args:
        predictions: Of the scored images.
        targets: Class index of each image, shape (n_scored,).
    """
    truth = np.zeros_like(predictions.log_probabilities)
    truth[np.arange(len(targets)), targets] = 1.0
    distances: NDArray[np.float64] = ((predictions.probabilities - truth) ** 2).sum(axis=1)
    return distances


def confidences(predictions: Predictions) -> NDArray[np.float64]:
    """Probability of the predicted class of each image, shape (n_scored,), in (0, 1]."""
    rows = np.arange(len(predictions.predictions))
    return np.minimum(predictions.probabilities[rows, predictions.predictions], 1.0)


def bin_numbers(confidence: NDArray[np.float64], *, n_bins: int) -> NDArray[np.intp]:
    """The bin of each confidence: bin k holds (k / n_bins, (k + 1) / n_bins], and bin 0 also 0.

    Args:
        confidence: In [0, 1], any shape; the result has the same.
        n_bins: How many bins there are; they are counted from 0.

    Example:
        >>> bin_numbers(np.array([0.0, 0.5, 0.51, 1.0]), n_bins=4).tolist()
        [0, 1, 2, 3]
    """
    edges = np.linspace(0.0, 1.0, n_bins + 1)[1:-1]
    return np.searchsorted(edges, confidence, side="left")


def binned_gaps(
    predictions: Predictions, targets: NDArray[np.intp], *, n_bins: int
) -> NDArray[np.float64]:
    """What each image adds to its bin's gap: (right - sure) as a share of all images.

    Args:
        predictions: Of the scored images, at least one.
        targets: Class index of each image, shape (n_scored,).
        n_bins: How many bins there are.

    Returns:
        Shape (n_scored, n_bins), from the least confident bin up; the sums are the gaps.
    """
    confidence = confidences(predictions)
    parts = np.zeros((len(targets), n_bins))
    surplus = (predictions.predictions == targets) - confidence
    bins = bin_numbers(confidence, n_bins=n_bins)
    parts[np.arange(len(targets)), bins] = surplus / len(targets)
    return parts


def calibration_error(gaps: NDArray[np.float64]) -> float:
    """Expected calibration error: the sum of the sizes of all bins' gaps, in [0, 1].

    Example:
        >>> calibration_error(np.array([0.25, 0.0, -0.5]))
        0.75
    """
    return float(np.abs(gaps).sum())


def calibration_interval(
    gaps: NDArray[np.float64], redrawn: NDArray[np.float64], *, level: float
) -> Interval:
    """Bootstrap interval of the expected calibration error, within [0, 1].

    The high end is the quantile of the resamples' errors. The low end is the error minus how far
    the resamples' gaps are from the gaps themselves, summed over the bins: by the triangle
    inequality, chance adds no more than that.

    Args:
        gaps: Shape (n_bins,).
        redrawn: The gaps of each resample, shape (n_resamples, n_bins).
        level: Of confidence, in (0, 1).
    """
    quantile, error = (1 + level) / 2, calibration_error(gaps)
    by_chance = float(np.quantile(np.abs(redrawn - gaps).sum(axis=1), quantile))
    high = float(np.quantile(np.abs(redrawn).sum(axis=1), quantile))
    return Interval(max(error - by_chance, 0.0), max(high, error))


def reliability_table(
    confidence: NDArray[np.float64],
    is_right: NDArray[np.bool_],
    photos: NDArray[np.intp],
    statistics: Statistics,
) -> tuple[ReliabilityBin, ...]:
    """Mean confidence and accuracy of each bin, from the least confident bin up.

    Args:
        confidence: In [0, 1], shape (n_scored,).
        is_right: Whether each answer is right, shape (n_scored,).
        photos: A number for each image, the same for those that show one photo.
        statistics: The number of bins, and the level of the intervals.
    """
    n_bins = statistics.n_bins
    bins = bin_numbers(confidence, n_bins=n_bins)
    edges = np.linspace(0.0, 1.0, n_bins + 1).tolist()
    return tuple(
        _reliability_bin(
            (edges[number], edges[number + 1]),
            confidence[bins == number],
            is_right[bins == number],
            weight=image_weight(photos[bins == number]),
            level=statistics.level,
        )
        for number in range(n_bins)
    )


def _reliability_bin(
    edges: tuple[float, float],
    confidence: NDArray[np.float64],
    is_right: NDArray[np.bool_],
    *,
    weight: float,
    level: float,
) -> ReliabilityBin:
    n_images, n_right = len(confidence), int(is_right.sum())
    return ReliabilityBin(
        low=edges[0],
        high=edges[1],
        n_images=n_images,
        confidence=float(confidence.mean()) if n_images else None,
        accuracy=n_right / n_images if n_images else None,
        accuracy_interval=share_interval(n_right, n_images, level=level, weight=weight),
    )
