"""Confidence intervals of shares, by Wilson (1927), and of numbers that are made of shares."""

import math

from scipy.special import ndtri

from grader.results.scores import Interval


def critical_z(level: float) -> float:
    """Quantile of the normal distribution that an interval of this level reaches to.

    Example:
        >>> round(critical_z(0.95), 4)
        1.96
    """
    return float(ndtri((1 + level) / 2))


def wilson_interval(
    n_successes: float, n_trials: float, *, level: float, weight: float = 1.0
) -> Interval:
    """Wilson's interval of a share, within [0, 1].

    Args:
        n_successes: At least 0.
        n_trials: More than 0.
        level: Of confidence, in (0, 1).
        weight: How much a trial counts for: 1 if each tells something of its own.

    Example:
        >>> low, high = wilson_interval(9, 10, level=0.95)
        >>> round(low, 4), round(high, 4)
        (0.5958, 0.9821)
    """
    share, n_effective, z = n_successes / n_trials, n_trials * weight, critical_z(level)
    centre = share + z * z / (2 * n_effective)
    half = z * math.sqrt(share * (1 - share) / n_effective + (z / (2 * n_effective)) ** 2)
    whole = 1 + z * z / n_effective
    return Interval(
        min(max((centre - half) / whole, 0.0), share),
        max(min((centre + half) / whole, 1.0), share),
    )


def share_interval(
    part: float, whole: float, *, level: float, weight: float = 1.0
) -> Interval | None:
    """Wilson's interval of part of a whole; None where the whole is 0."""
    return wilson_interval(part, whole, level=level, weight=weight) if whole else None


def f1_interval(tp: int, n_errors: int, *, level: float, weight: float = 1.0) -> Interval | None:
    """Interval of F1, 2 tp / (2 tp + n_errors); None where both counts are 0.

    F1 rises with tp / (tp + n_errors) and depends on nothing else. That is a share of the images
    that belong to the class or were taken for it, so its interval is Wilson's, carried over.

    Args:
        tp: Images of the class that were recognised.
        n_errors: Images that were missed, and images that were wrongly taken for it.
        level: Of confidence, in (0, 1).
        weight: How much an image counts for.
    """
    found = share_interval(tp, tp + n_errors, level=level, weight=weight)
    return None if found is None else Interval(*(2 * bound / (1 + bound) for bound in found))
