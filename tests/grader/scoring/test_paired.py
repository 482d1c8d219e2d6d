"""All that is said of a change of accuracy comes from one curve, agrees, and errs as it claims."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import beta, binom, multinomial, norm

from grader.results.scores import Interval
from grader.scoring.paired import (
    FlipCounts,
    change_interval,
    confidence_curve,
    direction_of,
    equivalence,
    mcnemar_p,
)

COUNTS = st.integers(0, 60)
# Among so few of 120 images lie the flips of all but one in a million pairs of models.
MOST_FLIPS = 45


def counts(n_regressions: float, n_improvements: float, n_images: float) -> FlipCounts:
    """Flips of so many images."""
    return FlipCounts(n_regressions=n_regressions, n_improvements=n_improvements, n_images=n_images)


@cache
def interval(n_regressions: int, n_improvements: int, n_images: int) -> Interval:
    """The 95 % interval, remembered; that of the models swapped is its mirror image."""
    if n_regressions > n_improvements:
        low, high = interval(n_improvements, n_regressions, n_images)
        return Interval(-high, -low)
    return change_interval(counts(n_regressions, n_improvements, n_images), level=0.95)


def chances(n_images: int, p_down: float, p_up: float) -> NDArray[np.float64]:
    """The probability of each count of regressions (down) and improvements (across)."""
    grid = np.array(
        [
            multinomial.pmf(
                [[down, up, n_images - down - up] for up in range(MOST_FLIPS)],
                n_images,
                [p_down, p_up, 1 - p_down - p_up],
            )
            for down in range(MOST_FLIPS)
        ]
    )
    assert grid.sum() > 1 - 1e-5
    return grid


def tables_of(n_images: int) -> list[tuple[int, int]]:
    """Every count of regressions and improvements of so many images."""
    return [(down, up) for down in range(n_images + 1) for up in range(n_images - down + 1)]


@pytest.mark.parametrize(
    ("n_regressions", "n_improvements", "expected"),
    [
        (0, 5, 1 / 32),
        (0, 6, 1 / 64),
        (1, 7, 2 * (1 + 8 / 2) / 256),
        (2, 2, 1),
        (0, 1, 1 / 2),
        (0, 0, 1),
    ],
)
def test_mcnemars_p_is_the_one_worked_by_hand(
    n_regressions: int, n_improvements: int, expected: float
) -> None:
    """Twice the chance of fewer tails in so many tosses, and once that of exactly as many."""
    assert mcnemar_p(n_regressions, n_improvements) == pytest.approx(expected)


@given(COUNTS, COUNTS)
def test_mcnemars_p_is_scipys_exact_one_less_half_of_the_counts_themselves(
    fewer: int, more: int
) -> None:
    """Fagerland, Lydersen and Laake (2013); and the same with the models swapped."""
    assume(fewer < more)
    n_flips = fewer + more
    expected = 2 * binom.cdf(fewer, n_flips, 0.5) - binom.pmf(fewer, n_flips, 0.5)
    assert mcnemar_p(fewer, more) == pytest.approx(expected)
    assert mcnemar_p(fewer, more) == mcnemar_p(more, fewer)


def test_a_hundred_thousand_flips_have_a_p() -> None:
    """As the normal distribution has it."""
    z = (50_600 - 49_400) / math.sqrt(100_000)
    assert mcnemar_p(49_400, 50_600) == pytest.approx(2 * norm.sf(z), rel=0.01)
    assert mcnemar_p(0, 100_000) == 0


# Between 20 and 60 images only some numbers are gone through, to save time.
@pytest.mark.parametrize("n_images", [*range(1, 21), 30, 60])
def test_the_interval_and_mcnemars_p_agree_over_all_tables(n_images: int) -> None:
    """The interval leaves out 0 if and only if p is below 0.05, on the side of the more flips."""
    for down, up in tables_of(n_images):
        found = direction_of(interval(down, up, n_images))
        told = "undecided" if mcnemar_p(down, up) >= 0.05 else "better" if up > down else "worse"
        assert found == told


@settings(max_examples=60)
@given(COUNTS, COUNTS, st.integers(0, 3000), st.floats(0.005, 0.3), st.floats(0.3, 1))
def test_the_interval_p_values_margins_and_bounds_agree(
    down: int, up: int, n_same: int, margin: float, weight: float
) -> None:
    """Whatever the counts, also where copies count for less than an image."""
    assume(down + up + n_same)
    flips = counts(down, up, down + up + n_same).times(weight)
    low, high = change_interval(flips, level=0.95)
    assert -1 <= low <= (up - down) / (down + up + n_same) + 1e-9
    assert (up - down) / (down + up + n_same) - 1e-9 <= high <= 1
    p = mcnemar_p(flips.n_regressions, flips.n_improvements)
    assert (p < 0.05) is (low > 0 or high < 0)
    assume(min(abs(low + margin), abs(high - margin)) > 1e-8)
    found = equivalence(flips, margin=margin, level=0.95)
    assert found.is_non_inferior is (found.p_non_inferior < 0.05) is (low > -margin)
    assert found.is_equivalent is (low > -margin and high < margin)


@settings(max_examples=60)
@given(COUNTS, COUNTS, st.integers(0, 200))
def test_the_curve_turns_over_with_the_models_and_never_falls(
    down: int, up: int, n_same: int
) -> None:
    """From 0 to 1; the confidence that a loss is at least so large mirrors that of a gain."""
    assume(down + up + n_same)
    there = confidence_curve(counts(down, up, down + up + n_same))
    back = confidence_curve(counts(up, down, down + up + n_same))
    at = np.linspace(-0.99, 0.99, 24)  # without 0, where no flips at all leave a jump
    values = np.array([there(one) for one in at])
    assert (np.diff(values) >= -1e-9).all()
    assert values.min() >= -1e-9
    assert values.max() <= 1 + 1e-9
    assert values == pytest.approx([1 - back(-one) for one in at], abs=1e-7)


def at_most(balance: tuple[int, int], ratio: float) -> float:
    """Chance that a beta variable, or the point it is, made a balance, is at most this."""
    half = min(max((1 + ratio) / 2, 0.0), 1.0)
    if 0 in balance:
        return float(half >= (balance[1] == 0))
    return float(beta.cdf(half, *balance))


def product_at_most(balance: tuple[int, int], share: tuple[int, int], change: float) -> float:
    """Chance that the share of flips times their balance is at most a change, by scipy."""
    if share[1] == 0:
        return at_most(balance, change)

    def density(flips: float) -> float:
        return at_most(balance, change / flips) * float(beta.pdf(flips, *share))

    parts = (1e-9, abs(change)), (abs(change), 1.0)
    return float(sum(quad(density, *part, limit=200)[0] for part in parts))


@pytest.mark.parametrize(
    ("down", "up", "n_images", "change"),
    [(2, 9, 161, 0.03), (9, 10, 120, -0.05), (0, 5, 60, 0.02), (3, 1, 30, -0.1), (6, 4, 10, 0.1)],
)
def test_the_curve_is_the_product_of_two_confidence_distributions(
    down: int, up: int, n_images: int, change: float
) -> None:
    """Over each of the four pairs of Clopper and Pearson's lower and upper distributions."""
    n_flips = down + up
    balances = (up, down + 1), (up + 1, down)
    shares = (n_flips, n_images - n_flips + 1), (n_flips + 1, n_images - n_flips)
    pairs = [(balance, share) for balance in balances for share in shares]
    expected = sum(product_at_most(*pair, change) for pair in pairs) / 4
    found = confidence_curve(counts(down, up, n_images))(change)
    assert found == pytest.approx(expected, abs=1e-5)


def test_the_interval_of_no_flips_is_the_one_worked_by_hand() -> None:
    """A quarter of (1 - x) to the 120th is 0.025 at 0.019, to either side."""
    edge = 1 - 0.1 ** (1 / 120)
    assert interval(0, 0, 120) == pytest.approx((-edge, edge), abs=1e-9)


@pytest.mark.parametrize(("up", "down"), [(0, 0), (1, 0), (0, 1)])
def test_one_pair_leaves_the_change_open(up: int, down: int) -> None:
    """Within -1 and 1, and far from a point."""
    low, high = interval(down, up, 1)
    assert -1 <= low < 0 < high <= 1
    assert high - low > 1


@pytest.mark.parametrize(("p_down", "p_up"), [(0.02, 0.05), (0.05, 0.05), (0.02, 0.1), (0.1, 0.1)])
def test_the_interval_covers_the_truth_as_often_as_it_says(p_down: float, p_up: float) -> None:
    """Exactly, over every count of flips of 120 images: in 93 to 97 % where flips are not rare."""
    held = 0.0
    for (down, up), chance in np.ndenumerate(chances(120, p_down, p_up)):
        if chance > 1e-7:
            low, high = interval(down, up, 120)
            held += float(chance) if low <= p_up - p_down <= high else 0.0
    assert 0.93 <= held <= 0.97


@pytest.mark.parametrize("share", [0.01, 0.02, 0.05, 0.1, 0.15, 0.3])
@pytest.mark.parametrize("n_images", [30, 60, 120])
def test_equal_models_are_seldom_told_apart(n_images: int, share: float) -> None:
    """Exactly: in at most 5 % of all test sets, where up to 30 % of the images flip."""
    told = [
        binom.pmf([up for up in range(m + 1) if mcnemar_p(m - up, up) < 0.05], m, 0.5).sum()
        for m in range(n_images + 1)
    ]
    assert binom.pmf(range(n_images + 1), n_images, share) @ told <= 0.05


@pytest.mark.parametrize("p_up", [0.005, 0.02, 0.1])
def test_a_model_that_loses_the_margin_is_seldom_called_no_worse(p_up: float) -> None:
    """Exactly, over every count of flips of 120 images: at most 5 % where the loss is 0.05."""
    called = 0.0
    for (down, up), chance in np.ndenumerate(chances(120, p_up + 0.05, p_up)):
        if chance > 1e-7 and interval(down, up, 120).low > -0.05:
            called += float(chance)
    assert called <= 0.05


@pytest.mark.parametrize(
    ("n_images", "n_regressions", "n_improvements", "non_inferior", "equivalent"),
    [
        (10, 0, 0, False, False),
        (120, 0, 0, True, True),
        (120, 9, 10, False, False),
        (120, 0, 20, True, False),
        (120, 20, 0, False, False),
        (1, 1, 0, False, False),
    ],
)
def test_equivalence_needs_images_and_evenness(
    n_images: int, n_regressions: int, n_improvements: int, *, non_inferior: bool, equivalent: bool
) -> None:
    """Not knowing is not being the same; being better is not being worse."""
    flips = counts(n_regressions, n_improvements, n_images)
    found = equivalence(flips, margin=0.05, level=0.95)
    assert (found.is_non_inferior, found.is_equivalent) == (non_inferior, equivalent)
