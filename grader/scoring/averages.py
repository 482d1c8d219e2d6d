"""Means over classes, each class counting the same, with Wilson's interval of a suitable number.

A mean over classes is no share of images, yet it varies like one of fewer images. How many follows
from its variance, by linearisation, and from the sizes of the classes alone where every image is
right: then the variance says 0, and knows nothing of the mistakes that were not seen.
"""

import numpy as np
from numpy.typing import NDArray

from grader.results.scores import Interval
from grader.scoring.intervals import wilson_interval


def balanced_accuracy(counts: NDArray[np.int64]) -> float:
    """Mean recall of the classes that have images, in [0, 1].

    Args:
        counts: Shape (n_classes, n_classes), true class down, with at least one image.

    Example:
        >>> balanced_accuracy(np.array([[3, 1], [0, 2]]))
        0.875
    """
    support = counts.sum(axis=1)
    present = support > 0
    return float((np.diagonal(counts)[present] / support[present]).mean())


def balanced_accuracy_interval(
    counts: NDArray[np.int64], weight: float, *, level: float
) -> Interval:
    """Interval of it: Wilson's, of as many images as the classes' sizes are worth.

    Args:
        counts: Shape (n_classes, n_classes), true class down, with at least one image.
        weight: How much an image counts for.
        level: Of confidence, in (0, 1).
    """
    value, n_images = balanced_accuracy(counts), _harmonic_number(counts)
    return wilson_interval(value * n_images, n_images, level=level, weight=weight)


def macro_f1(counts: NDArray[np.int64]) -> float:
    """Mean F1 of the classes that have images or were predicted, in [0, 1].

    Args:
        counts: Shape (n_classes, n_classes), true class down, with at least one image.

    Example:
        >>> macro_f1(np.array([[1, 2], [0, 1]]))
        0.5
    """
    n_either = counts.sum(axis=0) + counts.sum(axis=1)
    present = n_either > 0
    return float((2 * np.diagonal(counts)[present] / n_either[present]).mean())


def macro_f1_interval(counts: NDArray[np.int64], weight: float, *, level: float) -> Interval:
    """Interval of it: Wilson's, of as many images as its variance or the classes are worth.

    Args:
        counts: Shape (n_classes, n_classes), true class down, with at least one image.
        weight: How much an image counts for.
        level: Of confidence, in (0, 1).
    """
    value, n_images = macro_f1(counts), _harmonic_number(counts)
    variance = _variance_of_macro_f1(counts)
    if variance > 0:
        n_images = min(n_images, value * (1 - value) / variance)
    return wilson_interval(value * n_images, n_images, level=level, weight=weight)


def _harmonic_number(counts: NDArray[np.int64]) -> float:
    """How many images have the variance of a mean over these classes, if all are equally hard."""
    support = counts.sum(axis=1)
    present = support[support > 0]
    return float(len(present) ** 2 / (1 / present).sum())


def _variance_of_macro_f1(counts: NDArray[np.int64]) -> float:
    """By linearisation, with the images drawn within their classes."""
    n_either = counts.sum(axis=0) + counts.sum(axis=1)
    present = n_either > 0
    per_image = 1 / (present.sum() * np.maximum(n_either, 1))
    falls = 2 * np.diagonal(counts) / np.maximum(n_either, 1) * per_image
    moves = np.diag(2 * per_image) - falls[:, None] - falls[None, :]
    support = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(support, 1)
    means = (shares * moves).sum(axis=1, keepdims=True)
    within = (shares * (moves - means) ** 2).sum(axis=1)
    n_images = support[:, 0]
    several = n_images > 1
    unbiased = n_images[several] / (n_images[several] - 1)
    return float((n_images[several] * unbiased * within[several]).sum())
