"""Scores are checked when they are made."""

import pytest

from grader.results.scores import ConfusionMatrix, Statistics
from tests.factories import LABELS


@pytest.mark.parametrize("counts", [(), ((1, 2),), ((1,), (2,)), ((1, 2), (3,))])
def test_a_matrix_that_is_not_square_is_refused(counts: tuple[tuple[int, ...], ...]) -> None:
    """It has a row and a column for each class."""
    with pytest.raises(ValueError, match="must have the shape"):
        ConfusionMatrix(vocab=LABELS, counts=counts)


def test_a_row_of_a_matrix_can_be_withheld() -> None:
    """The rows that are shown still have a cell for each class."""
    assert ConfusionMatrix(vocab=LABELS, counts=(None, (0, 4))).counts == (None, (0, 4))
    with pytest.raises(ValueError, match="must have the shape"):
        ConfusionMatrix(vocab=LABELS, counts=(None, (0, 4, 1)))


def test_intervals_and_tests_are_at_95_percent_unless_told_otherwise() -> None:
    """What a report states about its statistics is what made them."""
    usual = Statistics()
    assert (usual.level, usual.n_resamples, usual.seed) == (0.95, 2000, 0)
    assert (usual.n_bins, usual.margin, usual.min_class_images) == (10, 0.05, 5)
