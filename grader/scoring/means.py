"""Intervals of means over images that may be skewed, as losses are: closed forms, no resampling.

Images are taken as drawn within their classes, and copies of one photo as drawn together. The
interval is Student's, with as many degrees of freedom as the kurtosis of the values leaves to their
variance: on a logarithmic scale for a mean that can't be negative, else by Hall's (1992)
transformation, which takes the skewness out of a studentised mean.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from grader.results.scores import Interval
from grader.scoring.sample_sizes import Sampling

_LEAST_SKEWNESS = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """The mean of some values, and how it would vary.

    Attributes:
        mean: Of all values.
        error: Its standard error.
        skewness: Of the mean.
        degrees: Degrees of freedom that the standard error has.
    """

    mean: float
    error: float
    skewness: float
    degrees: float

    def reach(self, level: float) -> float:
        """How many standard errors an interval of this level reaches to either side."""
        return float(stdtrit(self.degrees, (1 + level) / 2))


def positive_mean_interval(
    values: NDArray[np.float64], sampling: Sampling, *, level: float
) -> Interval:
    """Interval of the mean of values that are at least 0; of no width where they don't vary.

    Args:
        values: One for each image.
        sampling: How the images were drawn.
        level: Of confidence, in (0, 1).
    """
    spread = _spread_of(values, sampling)
    if spread.error == 0 or not math.isfinite(spread.mean):
        return Interval(spread.mean, spread.mean)
    reach = spread.reach(level) * spread.error / spread.mean
    return Interval(spread.mean * math.exp(-reach), spread.mean * math.exp(min(reach, 700.0)))


def mean_interval(values: NDArray[np.float64], sampling: Sampling, *, level: float) -> Interval:
    """Interval of the mean of values of either sign; of no width where they don't vary.

    Args:
        values: One for each image.
        sampling: How the images were drawn.
        level: Of confidence, in (0, 1).
    """
    spread = _spread_of(values, sampling)
    if spread.error == 0 or not math.isfinite(spread.mean):
        return Interval(spread.mean, spread.mean)
    low, high = (
        _unskewed(one, spread.skewness) for one in (spread.reach(level), -spread.reach(level))
    )
    return Interval(spread.mean - spread.error * low, spread.mean - spread.error * high)


def _unskewed(z: float, skewness: float) -> float:
    """The studentised mean that Hall's transformation takes to z."""
    if abs(skewness) < _LEAST_SKEWNESS:
        return z
    return 3 / skewness * (float(np.cbrt(1 + skewness * (z - skewness / 6))) - 1)


def _spread_of(values: NDArray[np.float64], sampling: Sampling) -> _Spread:
    mean, parts = float(values.mean()), _photo_parts(values, sampling)
    squares = float((parts**2).sum())
    if not squares or not math.isfinite(squares):
        return _Spread(mean=mean, error=0.0, skewness=0.0, degrees=1.0)
    error = math.sqrt(squares)
    fourths = float((parts**4).sum()) / squares**2
    return _Spread(
        mean=mean,
        error=error,
        skewness=float((parts**3).sum()) / error**3,
        degrees=max(2 / max(fourths - 1 / len(parts), _LEAST_SKEWNESS), 1.0),
    )


def _photo_parts(values: NDArray[np.float64], sampling: Sampling) -> NDArray[np.float64]:
    """How far each photo's images move the mean from what their classes' means say.

    Their squares add up to the variance of the mean. A class with a single photo moves nothing.
    """
    parts = []
    for target in np.unique(sampling.targets):
        chosen = sampling.targets == target
        deviations = values[chosen] - values[chosen].mean()
        _, photos = np.unique(sampling.photos[chosen], return_inverse=True)
        sums = np.bincount(photos, weights=deviations) / len(values)
        n_photos = len(sums)
        parts.append(sums * math.sqrt(n_photos / (n_photos - 1)) if n_photos > 1 else sums * 0)
    return np.concatenate(parts)
