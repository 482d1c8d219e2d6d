"""Intervals of skewed means cover the truth as often as they claim."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as students_t

from grader.results.scores import Interval
from grader.scoring.means import mean_interval, positive_mean_interval
from grader.scoring.sample_sizes import Sampling, independent
from tests.factories import as_targets

ONE_CLASS = independent(np.zeros(120, dtype=np.intp))


def coverage(
    interval: Callable[..., Interval], draw: Callable[[np.random.Generator], NDArray[np.float64]]
) -> float:
    """How often the interval holds the mean, in 1500 seeded samples of 120 images."""
    truth = float(np.mean([draw(np.random.default_rng(seed)).mean() for seed in range(4000)]))
    held = 0
    for seed in range(5000, 6500):
        low, high = interval(draw(np.random.default_rng(seed)), ONE_CLASS, level=0.95)
        held += low <= truth <= high
    return held / 1500


def losses(generator: np.random.Generator) -> NDArray[np.float64]:
    """Most are small, and one in twelve is large: a model that is wrong and sure of it."""
    return generator.gamma(0.5, 0.2, 120) + (generator.random(120) < 1 / 12) * generator.gamma(
        3, 1, 120
    )


def changes(generator: np.random.Generator) -> NDArray[np.float64]:
    """Differences of such losses."""
    return losses(generator) - 0.7 * generator.permutation(losses(generator))


def test_a_mean_of_losses_is_covered_as_often_as_is_said() -> None:
    """In 93 to 97 % of all samples."""
    assert 0.93 <= coverage(positive_mean_interval, losses) <= 0.97


def test_a_mean_of_differences_is_covered_as_often_as_is_said() -> None:
    """In 93 to 97 % of all samples."""
    assert 0.93 <= coverage(mean_interval, changes) <= 0.97


def test_an_even_mean_has_the_interval_of_the_normal_distribution() -> None:
    """Without skewness nothing is taken out: 1.96 standard errors to either side."""
    values = np.tile([-1.0, 1.0], 60)
    half = 1.959964 * math.sqrt(1 / 119)
    assert mean_interval(values, ONE_CLASS, level=0.95) == pytest.approx((-half, half), abs=1e-6)


def test_a_mean_of_losses_has_students_interval_on_a_logarithmic_scale() -> None:
    """By hand, of values whose kurtosis is 1: as many degrees of freedom as one could want."""
    values = np.tile([1.0, 3.0], 60)
    reach = students_t.ppf(0.975, 1e9) * math.sqrt(1 / 119) / 2
    found = positive_mean_interval(values, ONE_CLASS, level=0.95)
    assert found == pytest.approx((2 * math.exp(-reach), 2 * math.exp(reach)), rel=1e-6)


@pytest.mark.parametrize("interval", [mean_interval, positive_mean_interval])
def test_a_mean_that_does_not_vary_has_no_width(interval: Callable[..., Interval]) -> None:
    """Nor has the mean of a single image of each class."""
    assert interval(np.full(120, 0.5), ONE_CLASS, level=0.95) == (0.5, 0.5)
    single = independent(as_targets([0, 1]))
    assert interval(np.array([0.0, 1.0]), single, level=0.95) == (0.5, 0.5)


def test_copies_widen_the_interval_as_if_they_were_not_there() -> None:
    """60 photos that are each there twice have the interval of 60."""
    values = np.random.default_rng(3).exponential(size=60)
    photos = np.repeat(np.arange(60), 2)
    twice = Sampling(targets=np.zeros(120, dtype=np.intp), photos=photos)
    once = independent(np.zeros(60, dtype=np.intp))
    found = positive_mean_interval(np.repeat(values, 2), twice, level=0.95)
    assert found == pytest.approx(positive_mean_interval(values, once, level=0.95))


def test_differences_between_classes_do_not_widen_the_interval() -> None:
    """The images were drawn within their classes."""
    values = np.random.default_rng(3).exponential(size=120)
    targets = np.repeat([0, 1], 60).astype(np.intp)
    shifted = values + 10 * targets
    (low, high), (shifted_low, shifted_high) = (
        mean_interval(one, independent(targets), level=0.95) for one in (values, shifted)
    )
    assert shifted_high - shifted_low == pytest.approx(high - low)
