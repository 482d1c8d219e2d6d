"""A confusion matrix as cells, each with the shade it is drawn in."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.results.scores import ConfusionMatrix

_N_SHADES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Images of one true class that got one predicted class.

    Attributes:
        prediction: Index of the predicted class.
        is_right: Whether that is the true class.
        n_images: How many there are.
        share: Share of the images of the true class; None if there are none.
        shade: 0 for no image, up to `_N_SHADES` for all images of the class.
    """

    prediction: int
    is_right: bool
    n_images: int
    share: float | None
    shade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """The cells of one true class; None where a student's edition withholds them."""

    target: int
    label: str
    cells: tuple[Cell, ...] | None


def matrix_rows(matrix: ConfusionMatrix) -> Iterator[MatrixRow]:
    """One row for each class, rows and cells in the matrix's order; shares are those of a row."""
    for target, (label, row) in enumerate(zip(matrix.vocab, matrix.counts, strict=True)):
        cells = None if row is None else tuple(_cells(row, target))
        yield MatrixRow(target=target, label=label, cells=cells)


def _cells(row: tuple[int, ...], target: int) -> Iterator[Cell]:
    n_true = sum(row)
    for prediction, n_images in enumerate(row):
        share = n_images / n_true if n_true else None
        yield Cell(
            prediction=prediction,
            is_right=prediction == target,
            n_images=n_images,
            share=share,
            shade=-(-n_images * _N_SHADES // n_true) if n_true else 0,
        )
