"""Confidence intervals for shares, and bootstrap intervals for everything else.

Wilson (1927) for a share; Tango (1998), "Equivalence test and confidence interval for the
difference in proportions for the paired-sample design", for paired shares; Efron's percentile
bootstrap, with images drawn within their classes, for everything else.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from grader.results.scores import Interval, Statistics


def wilson_interval(n_successes: int, n_trials: int, *, level: float) -> Interval:
    """Wilson's interval of a share, clipped to [0, 1].

    Args:
        n_successes: At least 0.
        n_trials: At least 1.
        level: Of confidence, in (0, 1).

    Example:
        >>> low, high = wilson_interval(9, 10, level=0.95)
        >>> round(low, 4), round(high, 4)
        (0.5958, 0.9821)
    """
    low, high = proportion_confint(n_successes, n_trials, alpha=1 - level, method="wilson")
    return Interval(
        min(max(float(low), 0.0), n_successes / n_trials),
        max(min(float(high), 1.0), n_successes / n_trials),
    )


def share_interval(part: int, whole: int, *, level: float) -> Interval | None:
    """Wilson's interval of part of a whole; None where the whole is 0."""
    return wilson_interval(part, whole, level=level) if whole else None


def tango_z(n_up: int, n_down: int, n_pairs: int, *, change: float) -> float:
    """Tango's score statistic of "the paired shares differ by `change`": normal if that is true.

    Args:
        n_up: Pairs where only the second is a success.
        n_down: Pairs where only the first is.
        n_pairs: All pairs, at least 1.
        change: The assumed difference, in (-1, 1).

    Returns:
        Positive if the observed difference is above the assumed one.
    """
    a = 2 * n_pairs
    b = -n_up - n_down + (2 * n_pairs - n_up + n_down) * change
    c = -n_down * change * (1 - change)
    share_down = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    variance = n_pairs * (2 * share_down + change * (1 - change))
    observed = n_up - n_down - n_pairs * change
    if variance <= 0:
        return 0.0 if observed == 0 else math.copysign(math.inf, observed)
    return observed / math.sqrt(variance)


def tango_interval(n_up: int, n_down: int, n_pairs: int, *, level: float) -> Interval:
    """Tango's interval of a difference of paired shares, within [-1, 1].

    Args:
        n_up: Pairs where only the second is a success.
        n_down: Pairs where only the first is.
        n_pairs: All pairs, at least 1.
        level: Of confidence, in (0, 1).
    """
    critical = float(norm.ppf((1 + level) / 2))
    estimate = (n_up - n_down) / n_pairs

    def bound(edge: float) -> float:
        wanted = math.copysign(critical, -edge)

        def distance(change: float) -> float:
            return max(min(tango_z(n_up, n_down, n_pairs, change=change), 1e6), -1e6) - wanted

        if distance(edge) * distance(estimate) >= 0:
            return edge
        return float(brentq(distance, edge, estimate, xtol=1e-12))

    return Interval(bound(-1.0), bound(1.0))


def bootstrap(
    targets: NDArray[np.intp],
    statistics: Statistics,
    measure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """The numbers of each resample, shape (n_resamples, n_numbers); (n_resamples,) if it is one.

    Args:
        targets: Class index of each row, shape (n_scored,).
        statistics: How many resamples, and the seed.
        measure: Takes how often each row counts, shape (n_scored,), and returns the numbers.
    """
    return np.array([measure(counted) for counted in _resamples(targets, statistics)])


def percentile_interval(values: NDArray[np.float64], *, level: float) -> Interval:
    """The middle of a number's values over all resamples.

    Args:
        values: Shape (n_resamples,), in any order.
        level: The share of them that lies between the two ends, in (0, 1).

    Example:
        >>> percentile_interval(np.array([0.0, 2.0, 1.0, 4.0, 3.0]), level=0.5)
        Interval(low=1.0, high=3.0)
    """
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(float(low), float(high))


def _resamples(targets: NDArray[np.intp], statistics: Statistics) -> Iterator[NDArray[np.float64]]:
    """How often each row counts: each class keeps its size, drawn with replacement.

    The same targets and seed give the same draws, so two models get the same resamples.
    """
    generator = np.random.default_rng(statistics.seed)
    rows_by_class = [np.flatnonzero(targets == index) for index in np.unique(targets)]
    for _ in range(statistics.n_resamples):
        counted = np.empty(len(targets))
        for rows in rows_by_class:
            drawn = generator.integers(0, len(rows), len(rows))
            counted[rows] = np.bincount(drawn, minlength=len(rows))
        yield counted
