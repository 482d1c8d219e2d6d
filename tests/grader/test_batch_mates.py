"""Which images are run again in which batches, and how answers are compared."""

from itertools import chain

import numpy as np
import pytest

from grader.batch_mates import N_REGRADED, TOLERANCE, compare_answers, regrading_plan

SIZES = (1, 2, 3, 7, 12, 16, 17, 31, 32, 33, 120, 1000)
BATCHES = (1, 2, 8, 64)


def parts_of(
    n_images: int, batch_size: int, seed: int = 0
) -> tuple[list[int], list[tuple[int, ...]]]:
    """Images that are run alone, and batches of several."""
    plan = regrading_plan(n_images, batch_size=batch_size, seed=seed)
    return [batch[0] for batch in plan if len(batch) == 1], [one for one in plan if len(one) > 1]


@pytest.mark.parametrize("n_images", SIZES)
@pytest.mark.parametrize("batch_size", BATCHES)
def test_the_cost_is_32_images_or_a_tenth_of_the_folder(n_images: int, batch_size: int) -> None:
    """In a small folder every image is run twice again."""
    n_again = sum(map(len, regrading_plan(n_images, batch_size=batch_size, seed=0)))
    assert n_again == min(2 * n_images, max(N_REGRADED, -(-n_images // 10)))


@pytest.mark.parametrize("n_images", SIZES)
@pytest.mark.parametrize("batch_size", BATCHES)
def test_images_are_in_the_folder_and_never_twice_among_others(
    n_images: int, batch_size: int
) -> None:
    """Nor is a batch larger than the first run's, but for pairs."""
    _, mixed = parts_of(n_images, batch_size)
    drawn = list(chain.from_iterable(mixed))
    assert len(drawn) == len(set(drawn))
    assert set(drawn) <= set(range(n_images))
    assert all(len(batch) <= max(2, batch_size) for batch in mixed)


@pytest.mark.parametrize("n_images", [size for size in SIZES if size > 1])
@pytest.mark.parametrize("batch_size", BATCHES)
def test_images_are_run_alone_as_well_as_among_others(n_images: int, batch_size: int) -> None:
    """Half of them each way, but for one that is left over from the batches."""
    alone, mixed = parts_of(n_images, batch_size)
    n_mixed = sum(map(len, mixed))
    assert n_mixed > 0
    assert 0 <= len(alone) - n_mixed <= 2


@pytest.mark.parametrize("batch_size", BATCHES)
def test_a_folder_of_120_has_32_different_images_run_again(batch_size: int) -> None:
    """Those alone are others than those among mates."""
    plan = regrading_plan(120, batch_size=batch_size, seed=0)
    assert len(set(chain.from_iterable(plan))) == 32


@pytest.mark.parametrize("n_images", [size for size in SIZES if size > 2])
@pytest.mark.parametrize("batch_size", [8, 64])
def test_no_batch_holds_what_a_batch_of_the_first_run_held(n_images: int, batch_size: int) -> None:
    """The mates are others, or fewer."""
    _, mixed = parts_of(n_images, batch_size)
    first = [
        set(range(start, min(start + batch_size, n_images)))
        for start in range(0, n_images, batch_size)
    ]
    assert not [batch for batch in mixed if set(batch) in first]


def test_the_plan_follows_from_the_seed() -> None:
    """The same seed gives the same plan, and another one another."""
    plans = [regrading_plan(120, batch_size=8, seed=seed) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]


def logits_for(probability: float) -> list[float]:
    """Two outputs whose softmax gives the first one this probability."""
    return [float(np.log(probability)), float(np.log(1 - probability))]


def test_answers_that_stay_are_counted_as_such() -> None:
    """Also where the outputs moved, but all by the same."""
    before = np.array([logits_for(0.7), logits_for(0.2), logits_for(0.5)])
    found = compare_answers(before, before + 3.0)
    assert (found.n_regraded, len(found.moved), found.n_flipped) == (3, 0, 0)
    assert found.largest_change < 1e-12


@pytest.mark.parametrize(("change", "n_moved"), [(0.9 * TOLERANCE, 0), (1.1 * TOLERANCE, 1)])
def test_a_probability_may_move_by_the_tolerance(change: float, n_moved: int) -> None:
    """And by no more."""
    found = compare_answers(np.array([logits_for(0.7)]), np.array([logits_for(0.7 - change)]))
    assert len(found.moved) == n_moved
    assert found.largest_change == pytest.approx(change)


def test_a_flip_between_classes_closer_than_the_tolerance_is_none() -> None:
    """Rounding alone does that, on any model that can't decide."""
    before, after = logits_for(0.5 + 0.4 * TOLERANCE), logits_for(0.5 - 0.4 * TOLERANCE)
    found = compare_answers(np.array([before]), np.array([after]))
    assert (len(found.moved), found.n_flipped) == (0, 0)


@pytest.mark.parametrize("margin", [2.01 * TOLERANCE, 0.1, 0.9])
def test_any_other_flip_moves_a_probability_beyond_the_tolerance(margin: float) -> None:
    """However little the second class leads after it."""
    before, after = logits_for(0.5 + margin / 2), logits_for(0.5 - 1e-9)
    found = compare_answers(np.array([before]), np.array([after]))
    assert (len(found.moved), found.n_flipped) == (1, 1)


def test_huge_outputs_are_compared_without_overflow() -> None:
    """Answers are compared as probabilities, of any finite outputs."""
    before = np.array([[1e30, -1e30], [1e30, 1e30]])
    found = compare_answers(before, before[:, ::-1].copy())
    assert (len(found.moved), found.n_flipped, found.largest_change) == (1, 1, 1.0)


def test_answers_that_moved_are_told_the_most_moved_first() -> None:
    """By their places among those compared."""
    before = np.array([logits_for(0.5)] * 4)
    after = np.array([logits_for(0.6), logits_for(0.5), logits_for(0.2), logits_for(0.45)])
    assert compare_answers(before, after).moved == (2, 0, 3)
