"""Shades follow the share of a true class."""

from grader.reports.html.matrix_cells import MatrixRow, matrix_rows
from grader.results.scores import ConfusionMatrix


def cells_of(row: MatrixRow) -> list[tuple[int, float | None, int, bool]]:
    """Count, share, shade and whether it is right, of each cell."""
    assert row.cells is not None
    return [(cell.n_images, cell.share, cell.shade, cell.is_right) for cell in row.cells]


def test_a_shade_is_the_share_in_tenths_rounded_up() -> None:
    """So that one image of many still shows, and only a whole class is full."""
    matrix = ConfusionMatrix(vocab=("a", "b"), counts=((99, 1), (0, 4)))
    first, second = matrix_rows(matrix)
    assert cells_of(first) == [(99, 0.99, 10, True), (1, 0.01, 1, False)]
    assert cells_of(second) == [(0, 0.0, 0, False), (4, 1.0, 10, True)]


def test_a_class_without_images_has_no_shares() -> None:
    """They are undefined, not zero."""
    matrix = ConfusionMatrix(vocab=("a", "b"), counts=((0, 0), (1, 1)))
    assert cells_of(next(matrix_rows(matrix))) == [(0, None, 0, True), (0, None, 0, False)]


def test_a_withheld_row_has_no_cells() -> None:
    """A student's edition leaves it out."""
    matrix = ConfusionMatrix(vocab=("a", "b"), counts=(None, (1, 1)))
    row = next(matrix_rows(matrix))
    assert (row.label, row.cells) == ("a", None)
