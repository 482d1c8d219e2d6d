"""Figures of a report, drawn with matplotlib and without a display."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grader.scores import ConfusionMatrix
from hidden_test_spec.errors import quote

MAX_COUNTED_CLASSES = 40
MAX_LABEL_CHARS = 28
_DARK_SHARE = 0.55


def confusion_matrix_figure(matrix: ConfusionMatrix, *, title: str) -> Figure:
    """A heat map: true class down, predicted class across; colour is the share of its row.

    Counts stand in the cells, up to 40 classes. The figure grows with the number of classes.
    """
    n_classes = len(matrix.vocab)
    side_in = min(4.0 + 0.55 * n_classes, 24.0)
    figure = Figure(figsize=(side_in + 1.0, side_in), layout="constrained", dpi=120)
    axes = figure.add_subplot()
    shares = _row_shares(matrix)
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    figure.colorbar(image, ax=axes, label="Share of the true class", shrink=0.7)
    _label_axes(axes, matrix, title)
    if n_classes <= MAX_COUNTED_CLASSES:
        _write_counts(axes, matrix, shares)
    return figure


def _row_shares(matrix: ConfusionMatrix) -> list[list[float]]:
    """Each row divided by its sum; a row without images stays at 0 and is drawn white."""
    return [
        [count / (sum(row) or 1) for count in row] if row else [0.0] * len(matrix.vocab)
        for row in matrix.counts
    ]


def _label_axes(axes: Axes, matrix: ConfusionMatrix, title: str) -> None:
    positions = range(len(matrix.vocab))
    names = [_shown(label) for label in matrix.vocab]
    axes.set_xticks(positions, names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(positions, names)
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_parse_math(False)  # a "$" in a name is only a character
    axes.set_xlabel("Predicted class")
    axes.set_ylabel("True class")
    axes.set_title(title, parse_math=False)


def _write_counts(axes: Axes, matrix: ConfusionMatrix, shares: list[list[float]]) -> None:
    for i, row in enumerate(matrix.counts):
        for j, count in enumerate(row or ()):
            if count:
                colour = "white" if shares[i][j] > _DARK_SHARE else "black"
                axes.text(j, i, str(count), ha="center", va="center", color=colour)


def _shown(label: str) -> str:
    """A label with its control characters escaped, cut to a length that fits."""
    name = quote(label)[1:-1]
    return name if len(name) <= MAX_LABEL_CHARS else name[: MAX_LABEL_CHARS - 1] + "…"
