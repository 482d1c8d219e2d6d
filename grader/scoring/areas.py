"""The area under a class's ROC curve, with its interval.

DeLong, DeLong and Clarke-Pearson (1988) for the variance at the area that was found. Where the area
is near 1, that variance knows nothing of the rare image that would spoil it, and the interval that
it gives alone is far too narrow. So the variance changes with the true area, as Hanley and McNeil's
(1982) does, and the interval holds the areas that the one found would not contradict (Newcombe
2006). Hanley and McNeil's variance alone serves where every image of the class is ahead.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from grader.results.scores import Interval
from grader.scoring.intervals import critical_z

_LEAST_RATIO = 0.8
_TOLERANCE = 1e-9


def area_under_curve(
    is_true: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> float | None:
    """How often an image of the class has a higher probability than another; ties count half.

    Args:
        is_true: Whether each image is of the class, shape (n_scored,).
        probabilities: Of the class, shape (n_scored,).

    Returns:
        None without images of the class or of another.
    """
    if is_true.all() or not is_true.any():
        return None
    return float(_ahead(is_true, probabilities)[0].mean())


def area_interval(
    is_true: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    *,
    level: float,
    weight: float = 1.0,
) -> Interval | None:
    """Interval of that area, within [0, 1]; None where the area is.

    Args:
        is_true: Whether each image is of the class, shape (n_scored,).
        probabilities: Of the class, shape (n_scored,).
        level: Of confidence, in (0, 1).
        weight: How much an image counts for.
    """
    if is_true.all() or not is_true.any():
        return None
    ahead = _ahead(is_true, probabilities)
    area, z = float(ahead[0].mean()), critical_z(level)
    sizes = len(ahead[0]) * weight, len(ahead[1]) * weight
    usual = _hanley_mcneil(area, *sizes)
    delong = sum(_variance(one) / size for one, size in zip(ahead, sizes, strict=True))
    ratio = max(delong / usual, _LEAST_RATIO) if 0 < area < 1 else 1.0

    def is_compatible(true: float) -> bool:
        return abs(true - area) <= z * math.sqrt(ratio * _hanley_mcneil(true, *sizes))

    return Interval(_edge(area, 0.0, is_compatible), _edge(area, 1.0, is_compatible))


def _ahead(
    is_true: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of the others behind each image of the class, and of the class ahead of each other."""
    own, others = probabilities[is_true], probabilities[~is_true]
    return _share_below(own, others), 1 - _share_below(others, own)


def _share_below(values: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each value the share of the others that are smaller; equal ones count half."""
    ordered = np.sort(others)
    smaller = np.searchsorted(ordered, values, side="left")
    at_most = np.searchsorted(ordered, values, side="right")
    shares: NDArray[np.float64] = (smaller + at_most) / (2 * len(others))
    return shares


def _variance(values: NDArray[np.float64]) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _hanley_mcneil(area: float, n_own: float, n_others: float) -> float:
    """Variance of an area, for probabilities that are distributed exponentially."""
    both_own, both_others = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area)
    spread += max(n_own - 1, 0.0) * (both_own - area**2)
    spread += max(n_others - 1, 0.0) * (both_others - area**2)
    return max(spread, 0.0) / (n_own * n_others)


def _edge(area: float, end: float, is_compatible: Callable[[float], bool]) -> float:
    """The last compatible area on the way to an end of [0, 1]."""
    inside, outside = area, end
    if area == end:
        return end
    while abs(outside - inside) > _TOLERANCE:
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if is_compatible(middle) else (inside, middle)
    return inside
