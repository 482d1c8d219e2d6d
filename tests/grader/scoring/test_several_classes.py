"""Several classes are tested at once without a false alarm more often than is said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.multitest import multipletests

from grader.scoring.several_classes import (
    ClassFlips,
    corrected_p,
    flips_to_tell,
    holm,
    within_reach,
)

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=10)


def flips(
    n_regressions: int, n_improvements: int, *, right: int = 15, wrong: int = 15
) -> ClassFlips:
    """A class of which the baseline got so many right and wrong."""
    return ClassFlips(
        n_regressions=n_regressions,
        n_improvements=n_improvements,
        n_right_before=right,
        n_wrong_before=wrong,
    )


@st.composite
def classes(draw: st.DrawFn) -> list[ClassFlips]:
    """Up to five classes of up to 40 images."""
    found = []
    for _ in range(draw(st.integers(1, 5))):
        right, wrong = draw(st.integers(0, 20)), draw(st.integers(0, 20))
        one = flips(
            draw(st.integers(0, right)), draw(st.integers(0, wrong)), right=right, wrong=wrong
        )
        found.append(one)
    return found


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


@given(P_VALUES)
def test_a_test_is_within_reach_where_tarones_count_allows_it(least: list[float]) -> None:
    """His K is the smallest number that is no less than the tests that could reach alpha / K."""
    n_reaching = [sum(p < 0.05 / k for p in least) for k in range(1, len(least) + 1)]
    tarone = next(k for k, n in enumerate(n_reaching, start=1) if n <= k)
    assert within_reach(least, alpha=0.05) == tuple(
        index for index, p in enumerate(least) if p < 0.05 / tarone
    )


def test_classes_without_enough_flips_are_not_corrected_for() -> None:
    """Seven classes with a flip or two could never be told, so the eighth keeps its own p."""
    others = [flips(1, 0)] * 4 + [flips(0, 2)] * 3
    *_, last = corrected_p([*others, flips(0, 6)], alpha=0.05)
    assert last == pytest.approx(1 / 64)
    assert corrected_p([*others, flips(0, 6)], alpha=0.05)[:7] == (1,) * 7


def test_classes_that_could_be_told_are_corrected_for() -> None:
    """Two classes of six flips: the one that is uneven has twice its p."""
    assert corrected_p([flips(0, 6), flips(3, 3)], alpha=0.05) == pytest.approx((2 / 64, 1))


@pytest.mark.parametrize("n_flips", [[6] * 8, [9] * 8, [1] * 7 + [6], [2, 3, 5, 8, 13, 16, 20, 30]])
def test_a_class_is_called_changed_by_chance_in_few_comparisons(n_flips: list[int]) -> None:
    """In 4000 seeded comparisons where nothing changed: in about 5 % at most."""
    generator, n_false = np.random.default_rng(11), 0
    for fixed in generator.binomial(n_flips, 0.5, size=(4000, len(n_flips))).tolist():
        drawn = [
            flips(m - up, up, right=30, wrong=30) for m, up in zip(n_flips, fixed, strict=True)
        ]
        n_false += min(corrected_p(drawn, alpha=0.05)) < 0.05
    assert n_false / 4000 <= 0.06


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1, 0.2])
def test_one_class_of_few_images_is_called_changed_by_chance_in_few(share: float) -> None:
    """Exactly, over every count of flips of 15 images, beside none in any other class."""
    told = [
        binom.pmf(
            [up for up in range(m + 1) if corrected_p([flips(m - up, up)], alpha=0.05)[0] < 0.05],
            m,
            0.5,
        ).sum()
        for m in range(16)
    ]
    assert binom.pmf(range(16), 15, share) @ told <= 0.05


def test_the_flips_it_takes_are_the_ones_worked_by_hand() -> None:
    """5 to 0 has a mid-p of 1/32, and 8 to 0 one of 1/256, which is below 0.05 / 8."""
    assert flips_to_tell([flips(0, 1)], 0, alpha=0.05) == (5, "improvements")
    assert flips_to_tell([flips(2, 1)], 0, alpha=0.05) == (7, "regressions")
    assert flips_to_tell([flips(0, 1), *[flips(7, 7)] * 7], 0, alpha=0.05) == (8, "improvements")
    assert flips_to_tell([flips(0, 0)], 0, alpha=0.05) == (5, None)


def test_no_more_can_flip_than_the_baseline_left() -> None:
    """Where it made one mistake only one image can improve, and none of its hits can."""
    assert flips_to_tell([flips(0, 1, right=14, wrong=1)], 0, alpha=0.05) is None
    assert flips_to_tell([flips(0, 0, right=14, wrong=1)], 0, alpha=0.05) == (5, "regressions")
    assert flips_to_tell([flips(0, 0, right=1, wrong=14)], 0, alpha=0.05) == (5, "improvements")
    assert flips_to_tell([flips(0, 0, right=4, wrong=4)], 0, alpha=0.05) is None


@settings(max_examples=60)
@given(classes(), st.integers(0, 4))
def test_the_flips_it_takes_are_the_fewest_that_do(drawn: list[ClassFlips], place: int) -> None:
    """One flip less does not, unless so many are there already."""
    index = place % len(drawn)
    one, found = drawn[index], flips_to_tell(drawn, index, alpha=0.05)

    def is_told(n_flips: int, kind: str) -> bool:
        changed = [*drawn]
        changed[index] = replace(one, **{f"n_{kind}": n_flips})
        return corrected_p(changed, alpha=0.05)[index] < 0.05

    if found is None:
        kind = "improvements" if one.n_improvements > one.n_regressions else "regressions"
        most = one.n_wrong_before if kind == "improvements" else one.n_right_before
        assert not is_told(most, kind)
        return
    n_flips, kinds = found[0], (found[1],) if found[1] else ("regressions", "improvements")
    for kind in kinds:
        assert is_told(n_flips, kind)
        seen = one.n_improvements if kind == "improvements" else one.n_regressions
        assert n_flips == seen or not is_told(n_flips - 1, kind)


def test_copies_weigh_less_in_a_class() -> None:
    """Six flips that show three photos twice tell what three flips do."""
    assert replace(flips(0, 6), weight=0.5).p_value == pytest.approx(flips(0, 3).p_value)
    assert replace(flips(3, 3), weight=0.5).least_p == pytest.approx(1 / 8)
