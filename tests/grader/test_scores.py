"""A confusion matrix is checked when it is made."""

import pytest

from grader.scores import ConfusionMatrix
from tests.factories import LABELS


@pytest.mark.parametrize("counts", [(), ((1, 2),), ((1,), (2,)), ((1, 2), (3,))])
def test_a_matrix_that_is_not_square_is_refused(counts: tuple[tuple[int, ...], ...]) -> None:
    """It has a row and a column for each class."""
    with pytest.raises(ValueError, match="must have the shape"):
        ConfusionMatrix(vocab=LABELS, counts=counts)
