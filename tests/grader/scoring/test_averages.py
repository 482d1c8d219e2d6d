"""Means over classes are scikit-learn's, and their intervals cover the truth."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score, f1_score

from grader.scoring.averages import (
    balanced_accuracy,
    balanced_accuracy_interval,
    macro_f1,
    macro_f1_interval,
)
from grader.scoring.intervals import wilson_interval
from grader.scoring.per_class import count_pairs
from tests.grader.scoring.answering import random_answers

# How each of four classes is answered; they have 10, 20, 30 and 40 images.
CHANCES = np.array(
    [[0.9, 0.1, 0, 0], [0.05, 0.9, 0.05, 0], [0, 0.1, 0.8, 0.1], [0.02, 0, 0.02, 0.96]]
)
SIZES = np.array([10, 20, 30, 40])


@pytest.mark.parametrize("seed", range(3))
def test_means_over_classes_are_scikit_learns(seed: int) -> None:
    """Of five classes."""
    targets, predictions = random_answers(seed)
    answers = predictions.predictions
    counts = count_pairs(targets, answers, n_classes=5)
    assert balanced_accuracy(counts) == pytest.approx(balanced_accuracy_score(targets, answers))
    assert macro_f1(counts) == pytest.approx(f1_score(targets, answers, average="macro"))


def test_intervals_of_means_over_classes_cover_the_truth_as_often_as_they_say() -> None:
    """In 93 to 97.5 % of 1500 seeded test sets with classes of unequal size."""
    generator, held = np.random.default_rng(12), np.zeros(2)
    expected = CHANCES * SIZES[:, None]
    n_either = expected.sum(axis=0) + SIZES
    truths = np.diag(CHANCES).mean(), (2 * np.diag(expected) / n_either).mean()
    for _ in range(1500):
        counts = np.array(
            [generator.multinomial(n, row) for n, row in zip(SIZES, CHANCES, strict=True)]
        )
        found = (
            balanced_accuracy_interval(counts, 1.0, level=0.95),
            macro_f1_interval(counts, 1.0, level=0.95),
        )
        held += [low <= one <= high for one, (low, high) in zip(truths, found, strict=True)]
    assert (held / 1500 >= 0.93).all()
    assert (held / 1500 <= 0.975).all()


@pytest.mark.parametrize("counts", [np.diag([6, 6]), np.array([[12]])])
def test_without_a_mistake_the_interval_is_that_of_the_accuracy(
    counts: NDArray[np.int64],
) -> None:
    """Twelve of twelve, in classes of equal size: the mistakes not seen widen it all the same."""
    expected = wilson_interval(12, 12, level=0.95)
    assert balanced_accuracy_interval(counts, 1.0, level=0.95) == pytest.approx(expected)
    assert macro_f1_interval(counts, 1.0, level=0.95) == pytest.approx(expected)


def test_a_small_class_makes_the_interval_wide() -> None:
    """Two of 2 and 98 of 98 are worth 4 / (1/2 + 1/98) images."""
    found = balanced_accuracy_interval(np.diag([2, 98]), 1.0, level=0.95)
    n_images = 4 / (1 / 2 + 1 / 98)
    assert found == pytest.approx(wilson_interval(n_images, n_images, level=0.95))
