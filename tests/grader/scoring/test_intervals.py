"""Intervals of shares are the published ones, and cover the truth as often as they claim."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from grader.results.scores import Interval
from grader.scoring.intervals import f1_interval, share_interval, wilson_interval

N_IMAGES = 120


def test_wilsons_interval_is_the_one_worked_by_hand() -> None:
    """9 of 10: the centre is (0.9 + z²/20) / (1 + z²/10), the half width from Wilson's formula."""
    z = 1.959964
    centre = (0.9 + z**2 / 20) / (1 + z**2 / 10)
    half = z / (1 + z**2 / 10) * math.sqrt(0.9 * 0.1 / 10 + z**2 / 400)
    found = wilson_interval(9, 10, level=0.95)
    assert found == pytest.approx((centre - half, centre + half), abs=1e-6)
    assert (round(found.low, 3), round(found.high, 3)) == (0.596, 0.982)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("n_trials", [1, 7, 120, 100_000])
def test_wilsons_interval_is_scipys_and_statsmodels(n_trials: int, level: float) -> None:
    """Of none, some, most and all."""
    for n_successes in {0, n_trials // 3, n_trials - 1, n_trials}:
        found = wilson_interval(n_successes, n_trials, level=level)
        by_scipy = binomtest(n_successes, n_trials).proportion_ci(level, method="wilson")
        by_statsmodels = proportion_confint(n_successes, n_trials, 1 - level, method="wilson")
        assert found == pytest.approx((by_scipy.low, by_scipy.high), abs=1e-12)
        assert found == pytest.approx(by_statsmodels, abs=1e-12)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_its_share_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    """Also of none and of all."""
    low, high = wilson_interval(*counts, level=0.95)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1
    assert low < high


@given(
    st.integers(1, 100).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(2, 50),
)
def test_wilsons_interval_shrinks_with_more_images(counts: tuple[int, int], times: int) -> None:
    """The same share of more images is known better."""
    few = wilson_interval(*counts, level=0.95)
    many = wilson_interval(counts[0] * times, counts[1] * times, level=0.95)
    assert many.high - many.low < few.high - few.low


@given(st.integers(1, 100).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_misses_mirrors_that_of_hits(counts: tuple[int, int]) -> None:
    """What is not right is wrong."""
    low, high = wilson_interval(*counts, level=0.95)
    missed = wilson_interval(counts[1] - counts[0], counts[1], level=0.95)
    assert missed == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_a_share_of_nothing_has_no_interval() -> None:
    """Undefined is None."""
    assert share_interval(0, 0, level=0.95) is None
    assert share_interval(0, 1, level=0.95) == wilson_interval(0, 1, level=0.95)


@pytest.mark.parametrize("p", np.linspace(0.6, 0.95, 36).round(2).tolist())
def test_wilsons_interval_covers_the_truth_as_often_as_it_says(p: float) -> None:
    """Exactly, over every count of 120 images: 93 to 97 % for accuracies from 0.6 to 0.95."""
    found = [wilson_interval(n, N_IMAGES, level=0.95) for n in range(N_IMAGES + 1)]
    held = [n for n, (low, high) in enumerate(found) if low <= p <= high]
    assert 0.93 <= binom.pmf(held, N_IMAGES, p).sum() <= 0.97


@pytest.mark.parametrize(("tp", "n_errors"), [(0, 3), (5, 0), (9, 4), (100, 60)])
def test_the_interval_of_f1_is_wilsons_carried_over(tp: int, n_errors: int) -> None:
    """F1 is 2 s / (1 + s) of the share s that is right among those of the class or taken for it."""
    low, high = (one / (2 - one) for one in found_f1(tp, n_errors))
    assert (low, high) == pytest.approx(wilson_interval(tp, tp + n_errors, level=0.95))


def found_f1(tp: int, n_errors: int) -> Interval:
    """The interval of F1, which holds F1."""
    found = f1_interval(tp, n_errors, level=0.95)
    assert found is not None
    assert found.low <= 2 * tp / (2 * tp + n_errors) <= found.high
    return found


def test_f1_of_nothing_has_no_interval() -> None:
    """A class without images that was never predicted."""
    assert f1_interval(0, 0, level=0.95) is None


def test_images_that_count_for_half_have_the_interval_of_half_as_many() -> None:
    """The same share of fewer images."""
    assert wilson_interval(30, 40, level=0.95, weight=0.5) == wilson_interval(15, 20, level=0.95)


def test_pairs_of_copies_lower_the_coverage_unless_they_count_for_half() -> None:
    """Exactly, of 60 photos that are each there twice: Wilson's own holds 0.9 in 87 %."""
    shares = {}
    for weight in (1.0, 0.5):
        found = [wilson_interval(2 * n, 120, level=0.95, weight=weight) for n in range(61)]
        held = [n for n, (low, high) in enumerate(found) if low <= 0.9 <= high]
        shares[weight] = float(binom.pmf(held, 60, 0.9).sum())
    assert shares[1.0] < 0.88
    assert 0.93 <= shares[0.5] <= 0.97
