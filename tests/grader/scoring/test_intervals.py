"""Intervals are the published ones, and cover the truth as often as they claim."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import binom, binomtest, multinomial, norm
from scipy.stats import bootstrap as scipys_bootstrap
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from grader.results.scores import Interval, Statistics
from grader.scoring.intervals import (
    bootstrap,
    percentile_interval,
    share_interval,
    tango_interval,
    tango_z,
    wilson_interval,
)
from tests.factories import as_targets

N_IMAGES = 120
# Among so few of 120 images lie the flips of all but one in a million pairs of models.
MOST_FLIPS = 55


@cache
def tangos(n_up: int, n_down: int) -> Interval:
    """Tango's 95 % interval at 120 images."""
    return tango_interval(n_up, n_down, N_IMAGES, level=0.95)


def tango_coverage(p_down: float, p_up: float) -> float:
    """How often Tango's interval at 120 images holds the true change, by every possible count."""
    held = total = 0.0
    for n_down in range(MOST_FLIPS):
        chances = multinomial.pmf(
            [[n_up, n_down, N_IMAGES - n_up - n_down] for n_up in range(MOST_FLIPS)],
            N_IMAGES,
            [p_up, p_down, 1 - p_up - p_down],
        )
        for n_up, chance in enumerate(chances.tolist()):
            low, high = tangos(n_up, n_down)
            total += chance
            held += chance if low <= p_up - p_down <= high else 0.0
    assert total > 1 - 1e-6
    return held


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


# Bentur et al. (2009), as Fagerland, Lydersen and Laake (2014) work it out; a run of R's PropCIs.
@pytest.mark.parametrize(
    ("n_up", "n_down", "n_pairs", "level", "expected"),
    [
        (1, 7, 21, 0.95, (-0.517, -0.026)),
        (28, 25, 618, 0.90, (-0.0148, 0.0247)),
    ],
)
def test_tangos_interval_is_the_published_one(
    n_up: int, n_down: int, n_pairs: int, level: float, expected: tuple[float, float]
) -> None:
    """To the digits that are printed."""
    found = tango_interval(n_up, n_down, n_pairs, level=level)
    half_a_digit = 0.5 * 10.0 ** -len(str(expected[0]).partition(".")[2])
    assert found == pytest.approx(expected, abs=half_a_digit)


@pytest.mark.parametrize(
    ("n_up", "n_down", "n_pairs", "change"),
    [(3, 9, 120, 0.05), (3, 9, 120, -0.05), (10, 0, 60, 0.3), (1, 1, 15, -0.2), (40, 20, 160, 0.1)],
)
def test_tangos_statistic_is_that_of_the_likeliest_shares(
    n_up: int, n_down: int, n_pairs: int, change: float
) -> None:
    """The shares under the hypothesis are looked for by scipy and not solved for."""

    def unlikelihood(p_down: float) -> float:
        p_up = p_down + change
        n_same = n_pairs - n_up - n_down
        found = xlogy(n_up, p_up) + xlogy(n_down, p_down) + xlogy(n_same, 1 - p_up - p_down)
        return -float(found)

    bounds = max(0.0, -change), (1 - change) / 2
    p_down = minimize_scalar(
        unlikelihood, bounds=bounds, method="bounded", options={"xatol": 1e-12}
    ).x
    variance = (2 * p_down + change - change**2) / n_pairs
    expected = ((n_up - n_down) / n_pairs - change) / math.sqrt(variance)
    assert tango_z(n_up, n_down, n_pairs, change=change) == pytest.approx(expected, abs=1e-5)


@given(st.integers(0, 40), st.integers(0, 40))
def test_tangos_statistic_of_no_change_is_mcnemars(n_up: int, n_down: int) -> None:
    """Whose square statsmodels prints."""
    z = tango_z(n_up, n_down, 100, change=0.0)
    if n_up == n_down == 0:
        assert z == 0
    else:
        found = mcnemar([[0, n_up], [n_down, 0]], exact=False, correction=False)
        assert z**2 == pytest.approx(found.statistic)
        assert math.copysign(1, n_up - n_down) * z >= 0


@settings(max_examples=50)
@given(st.lists(st.integers(0, 60), min_size=3, max_size=3).filter(any))
def test_tangos_interval_ends_where_its_statistic_is_critical(counts: list[int]) -> None:
    """Or at -1 or 1; it holds the change and turns over with the models."""
    n_up, n_down, n_pairs = counts[0], counts[1], sum(counts)
    low, high = tango_interval(n_up, n_down, n_pairs, level=0.95)
    assert -1 <= low <= (n_up - n_down) / n_pairs <= high <= 1
    assert tango_interval(n_down, n_up, n_pairs, level=0.95) == pytest.approx((-high, -low))
    critical = norm.ppf(0.975)
    if low > -1:
        assert tango_z(n_up, n_down, n_pairs, change=low) == pytest.approx(critical, abs=1e-5)
    if high < 1:
        assert tango_z(n_up, n_down, n_pairs, change=high) == pytest.approx(-critical, abs=1e-5)


@pytest.mark.parametrize(("n_up", "n_down"), [(0, 0), (1, 0), (0, 1)])
def test_one_pair_leaves_the_change_open(n_up: int, n_down: int) -> None:
    """Within -1 and 1, and far from a point."""
    low, high = tango_interval(n_up, n_down, 1, level=0.95)
    assert -1 <= low < high <= 1
    assert high - low > 1


def test_tangos_interval_of_no_flips_still_has_a_width() -> None:
    """z² / (n + z²) to either side: two models that agree on 120 images may differ elsewhere."""
    z_squared = norm.ppf(0.975) ** 2
    edge = z_squared / (120 + z_squared)
    assert tango_interval(0, 0, 120, level=0.95) == pytest.approx((-edge, edge))
    assert tango_interval(0, 0, 10**6, level=0.95).high < 4e-6


@pytest.mark.parametrize("p_up", [0.02, 0.05, 0.1, 0.15])
@pytest.mark.parametrize("p_down", [0.02, 0.05, 0.1, 0.15])
def test_tangos_interval_covers_the_truth_as_often_as_it_says(p_down: float, p_up: float) -> None:
    """Exactly, over every count of flips of 120 images: 93 to 97 % where flips are not rare."""
    assert 0.93 <= tango_coverage(p_down, p_up) <= 0.97


@pytest.mark.parametrize(("p_down", "p_up"), [(0.005, 0.005), (0.005, 0.01), (0.01, 0.01)])
def test_tangos_interval_is_too_careful_where_flips_are_rare(p_down: float, p_up: float) -> None:
    """One flip of 100 images or fewer: counts are too coarse to be wrong in 5 % of all cases."""
    assert 0.97 < tango_coverage(p_down, p_up) <= 1


@pytest.mark.parametrize(("p_down", "p_up"), [(0.02, 0.03), (0.05, 0.05), (0.03, 0.12)])
def test_tangos_interval_covers_the_truth_in_a_simulation(p_down: float, p_up: float) -> None:
    """Of 20,000 test sets, drawn with a seed."""
    drawn = np.random.default_rng(5).multinomial(
        N_IMAGES, [p_up, p_down, 1 - p_up - p_down], size=20_000
    )
    counts, n_times = np.unique(drawn, axis=0, return_counts=True)
    found = [tangos(n_up, n_down) for n_up, n_down, _ in counts.tolist()]
    held = [low <= p_up - p_down <= high for low, high in found]
    assert 0.93 <= n_times[held].sum() / 20_000 <= 0.97


def test_a_bootstrap_of_one_class_is_scipys() -> None:
    """Percentiles of the mean of 60 losses, up to the luck of 4000 draws."""
    losses = np.random.default_rng(2).exponential(size=60)
    statistics = Statistics(n_resamples=4000)
    redrawn = bootstrap(as_targets([0] * 60), statistics, lambda counted: (counted * losses).mean())
    expected = scipys_bootstrap(
        (losses,), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(3)
    ).confidence_interval
    found = percentile_interval(redrawn, level=0.95)
    assert found == pytest.approx((expected.low, expected.high), abs=0.02)


def test_a_resample_has_as_many_images_of_each_class() -> None:
    """And counts none less than never."""
    targets = as_targets([0] * 3 + [2] * 5 + [1])

    def by_class(counted: NDArray[np.float64]) -> NDArray[np.float64]:
        assert (counted >= 0).all()
        return np.bincount(targets, weights=counted).astype(np.float64)

    found = bootstrap(targets, Statistics(n_resamples=20), by_class)
    np.testing.assert_array_equal(found, np.tile([3.0, 1.0, 5.0], (20, 1)))


def test_resamples_spread_as_counting_within_classes_says() -> None:
    """The variance of a mean of two classes' means is the sum of s² / n of each, over 4."""
    values = np.random.default_rng(4).normal(size=50)
    targets = as_targets([0] * 20 + [1] * 30)
    halves = values[:20].var() / 20, values[20:].var() / 30
    weights = np.repeat([1 / 20, 1 / 30], [20, 30]) / 2
    redrawn = bootstrap(
        targets, Statistics(n_resamples=8000), lambda counted: (counted * weights * values).sum()
    )
    assert redrawn.std() == pytest.approx(math.sqrt(sum(halves)) / 2, rel=0.03)


def test_the_seed_decides_the_resamples() -> None:
    """The same draws for every model, other draws with another seed."""
    targets = as_targets([0, 0, 0, 0, 1, 1, 1, 1])

    def drawn(seed: int) -> list[list[float]]:
        statistics = Statistics(n_resamples=5, seed=seed)
        found: list[list[float]] = bootstrap(targets, statistics, lambda counted: counted).tolist()
        return found

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)


def test_a_percentile_interval_is_the_middle_of_the_values() -> None:
    """Of 0 to 100, 90 % lie from 5 to 95."""
    assert percentile_interval(np.arange(101.0), level=0.9) == pytest.approx((5, 95))
