"""Tests of paired answers are the exact ones, and err as rarely as they claim."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, multinomial, norm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from grader.results.comparisons import Equivalence
from grader.scoring.intervals import tango_interval
from grader.scoring.paired import (
    direction_of,
    equivalence,
    holm,
    holm_alpha,
    mcnemar_p,
    n_flips_to_tell,
)

COUNTS = st.integers(0, 60)
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=10)


@cache
def p_of(n_regressions: int, n_improvements: int) -> float:
    """McNemar's p, remembered."""
    return mcnemar_p(n_regressions, n_improvements)


@cache
def margin_tests(n_regressions: int, n_improvements: int) -> Equivalence:
    """The two tests at 120 images and a margin of 0.05."""
    return equivalence(n_regressions, n_improvements, 120, margin=0.05, level=0.95)


def chance_of_one_class_told(n_flips: int, *, alpha: float) -> float:
    """How often `n_flips` flips, all by chance, bring McNemar's p below alpha."""
    told = [n for n in range(n_flips + 1) if p_of(n, n_flips - n) < alpha]
    return float(binom.pmf(told, n_flips, 0.5).sum())


@pytest.mark.parametrize(
    ("n_regressions", "n_improvements", "expected"),
    [(0, 5, 2 / 32), (0, 6, 2 / 64), (1, 7, 2 * (1 + 8) / 256), (2, 2, 1), (9, 10, 1)],
)
def test_mcnemars_p_is_the_one_worked_by_hand(
    n_regressions: int, n_improvements: int, expected: float
) -> None:
    """Twice the chance of as few tails in so many tosses of a coin, and at most 1."""
    assert mcnemar_p(n_regressions, n_improvements) == pytest.approx(expected)


def test_without_flips_nothing_is_told() -> None:
    """P is 1 and the direction undecided."""
    assert mcnemar_p(0, 0) == 1
    assert direction_of(0, 0, p=1, level=0.95) == "undecided"


@given(COUNTS, COUNTS)
def test_mcnemars_p_is_statsmodels(n_regressions: int, n_improvements: int) -> None:
    """Exact, and the same with the models swapped."""
    assume(n_regressions + n_improvements > 0)
    found = mcnemar_p(n_regressions, n_improvements)
    table = [[0, n_regressions], [n_improvements, 0]]
    assert found == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found == mcnemar_p(n_improvements, n_regressions)


def test_a_hundred_thousand_flips_have_a_p() -> None:
    """As the normal distribution has it."""
    z = (50_600 - 49_400 - 1) / math.sqrt(100_000)
    assert mcnemar_p(49_400, 50_600) == pytest.approx(2 * norm.sf(z), rel=0.01)
    assert mcnemar_p(0, 100_000) == 0


@pytest.mark.parametrize("n_flips", [1, 5, 6, 9, 20, 50])
def test_mcnemars_test_errs_no_more_often_than_it_says(n_flips: int) -> None:
    """Exactly, over all ways in which so many flips can fall."""
    assert chance_of_one_class_told(n_flips, alpha=0.05) <= 0.05


@pytest.mark.parametrize(
    ("counts", "p", "expected"),
    [((1, 9), 0.02, "better"), ((9, 1), 0.02, "worse"), ((1, 9), 0.051, "undecided")],
)
def test_a_direction_is_told_only_where_p_is_small(
    counts: tuple[int, int], p: float, expected: str
) -> None:
    """The more frequent flips say which."""
    assert direction_of(*counts, p=p, level=0.95) == expected


def test_holms_correction_is_the_one_worked_by_hand() -> None:
    """Three times the smallest, twice the next, and none less than the one before it."""
    assert holm((0.04, 0.01, 0.03)) == pytest.approx((0.06, 0.03, 0.06))
    assert holm((0.5, 0.9)) == (1, 1)
    assert holm(()) == ()


@pytest.mark.parametrize("seed", range(4))
def test_holms_correction_is_statsmodels(seed: int) -> None:
    """In the order that was given, two equals among them."""
    p_values = np.random.default_rng(seed).random(8).round(1) / 20
    expected = multipletests(p_values, method="holm")[1].tolist()
    assert holm(p_values.tolist()) == pytest.approx(expected)


@given(st.floats(0, 1), P_VALUES)
def test_what_a_p_must_be_below_is_what_holms_method_rejects(p: float, others: list[float]) -> None:
    """Whichever place it takes among the others."""
    bound = holm_alpha(others, alpha=0.05)
    assume(abs(p - bound) > 1e-12)
    assume(all(abs(one * n - 0.05) > 1e-12 for one in (p, *others) for n in range(1, 12)))
    assert (holm((p, *others))[0] < 0.05) is (p < bound)


def test_a_p_alone_must_be_below_the_whole_alpha() -> None:
    """There is nothing to correct for."""
    assert holm_alpha((), alpha=0.05) == 0.05


@pytest.mark.parametrize("n_flips", [[6] * 8, [9] * 8, [2, 3, 5, 8, 13, 16, 20, 30]])
def test_mcnemar_with_holm_calls_no_class_changed_more_than_one_time_in_twenty(
    n_flips: list[int],
) -> None:
    """Exactly: where nothing changed, some class is told only if one p is below alpha / 8."""
    none_told = math.prod(1 - chance_of_one_class_told(one, alpha=0.05 / 8) for one in n_flips)
    assert 1 - none_told <= 0.05


def test_mcnemar_with_holm_errs_as_seldom_where_some_classes_did_change() -> None:
    """In 4000 seeded comparisons of 8 classes, 3 of which really became better."""
    generator, n_false = np.random.default_rng(11), 0
    chances = np.array([0.95] * 3 + [0.5] * 5)
    for flips in generator.binomial(15, 0.6, size=(4000, 8)):
        n_improvements = generator.binomial(flips, chances)
        p_values = [
            p_of(n_flips - n_fixed, n_fixed)
            for n_flips, n_fixed in zip(flips.tolist(), n_improvements.tolist(), strict=True)
        ]
        n_false += min(holm(p_values)[3:]) < 0.05
    assert n_false / 4000 <= 0.05


def test_the_flips_it_takes_are_the_ones_worked_by_hand() -> None:
    """6 to 0 has a p of 1/32, and 9 to 0 one of 1/256, which is below 0.05 / 8."""
    assert n_flips_to_tell(0, 0, n_most=15, alpha=0.05) == 6
    assert n_flips_to_tell(0, 0, n_most=15, alpha=0.05 / 8) == 9
    assert n_flips_to_tell(1, 0, n_most=15, alpha=0.05) == 6
    assert n_flips_to_tell(1, 1, n_most=15, alpha=0.05) == 8


@pytest.mark.parametrize(("n_most", "expected"), [(5, None), (6, 6), (0, None)])
def test_too_few_images_can_never_tell(n_most: int, expected: int | None) -> None:
    """Five flips to none have a p of 1/16."""
    assert n_flips_to_tell(0, 0, n_most=n_most, alpha=0.05) == expected


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 60))
def test_the_flips_it_takes_are_the_fewest_that_do(fewer: int, more: int, others: int) -> None:
    """One flip less does not, unless so many are there already."""
    n_most = fewer + more + others
    found = n_flips_to_tell(fewer, more, n_most=n_most, alpha=0.05)
    low, high = sorted((fewer, more))
    if found is None:
        assert mcnemar_p(low, n_most - low) >= 0.05
    else:
        assert mcnemar_p(low, found) < 0.05
        assert found == high or mcnemar_p(low, found - 1) >= 0.05
        assert low + found <= n_most


def test_no_flips_of_many_images_are_equivalent() -> None:
    """By hand: z is 0.05 n / sqrt(n 0.05 (1 - 0.05)), for 120 images 2.51, and p 0.0060."""
    found = equivalence(0, 0, 120, margin=0.05, level=0.95)
    z = math.sqrt(120 * 0.05 / 0.95)
    assert (found.p_non_inferior, found.p_non_superior) == pytest.approx((norm.sf(z),) * 2)
    assert round(found.p_non_inferior, 4) == 0.006
    assert (found.is_non_inferior, found.is_equivalent) == (True, True)


@pytest.mark.parametrize(
    ("n_images", "n_regressions", "n_improvements", "non_inferior", "equivalent"),
    [
        (10, 0, 0, False, False),
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
    found = equivalence(n_regressions, n_improvements, n_images, margin=0.05, level=0.95)
    assert (found.is_non_inferior, found.is_equivalent) == (non_inferior, equivalent)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 300), st.floats(0.01, 0.3))
def test_two_tests_say_what_the_interval_at_90_percent_says(
    n_regressions: int, n_improvements: int, n_same: int, margin: float
) -> None:
    """Equivalent if and only if that interval lies within the margin (Schuirmann 1987)."""
    n_images = n_regressions + n_improvements + n_same
    low, high = tango_interval(n_improvements, n_regressions, n_images, level=0.90)
    assume(min(abs(low + margin), abs(high - margin)) > 1e-6)
    found = equivalence(n_regressions, n_improvements, n_images, margin=margin, level=0.95)
    assert found.is_non_inferior is (low > -margin)
    assert found.is_equivalent is (-margin < low and high < margin)


@pytest.mark.parametrize("p_up", [0.005, 0.01, 0.02, 0.05, 0.1])
def test_a_model_that_loses_the_margin_is_seldom_called_no_worse(p_up: float) -> None:
    """Exactly, over every count of flips of 120 images: at most 5 % where the loss is 0.05."""
    chances = np.array(
        [
            multinomial.pmf(
                [[n_down, n_up, 120 - n_down - n_up] for n_up in range(50)],
                120,
                [p_up + 0.05, p_up, 0.95 - 2 * p_up],
            )
            for n_down in range(50)
        ]
    )
    told = [[margin_tests(down, up).is_non_inferior for up in range(50)] for down in range(50)]
    assert chances.sum() > 1 - 1e-6
    assert chances[np.array(told)].sum() <= 0.05
