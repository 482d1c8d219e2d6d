"""The three figures of a report: confusion matrix, reliability, and the change in each class.

They show the report's numbers unchanged, and must be drawn inside `plot_style.drawing()`.
"""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from grader.reports.figures.plot_style import (
    BASELINE_COLOUR,
    BASELINE_MARKER,
    CANDIDATE_COLOUR,
    CANDIDATE_MARKER,
    WITHHELD_COLOUR,
    name_size,
    shown,
    side_in,
)
from grader.results.comparisons import ClassChange, Comparison
from grader.results.scores import ClassScore, ConfusionMatrix, ModelScores, ReliabilityBin
from grader.words.comparisons import direction_word
from grader.words.language import Language
from grader.words.metrics import metric_name

CellText: TypeAlias = Literal["counts", "shares"]
_MAX_COUNTED_CLASSES = 40
_DARK_SHARE = 0.55
_OFFSET = 0.15


def confusion_matrix_figure(
    matrix: ConfusionMatrix, language: Language, *, title: str, cells: CellText
) -> Figure:
    """A heat map: true class down, predicted class across; colour is the share of its row.

    Both axes have the matrix's order. Up to 40 classes, the cells show counts or shares. A withheld
    row is grey. The figure grows with the number of classes.
    """
    n_classes = len(matrix.vocab)
    side = side_in(n_classes, least=4.0, per_class=0.55)
    figure = Figure(figsize=(side + 1.0, side), layout="constrained")
    axes = figure.add_subplot()
    shares = _row_shares(matrix)
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    label = language.gettext("share of the true class")
    figure.colorbar(image, ax=axes, label=label, shrink=0.7, format=_number_format(language))
    positions, size = range(n_classes), name_size(n_classes, side=side)
    names = [shown(name) for name in matrix.vocab]
    axes.set_xticks(
        positions, names, rotation=45, ha="right", rotation_mode="anchor", fontsize=size
    )
    axes.set_yticks(positions, names, fontsize=size)
    axes.set_xlabel(language.gettext("predicted class"))
    axes.set_ylabel(language.gettext("true class"))
    axes.set_title(title)
    _grey_rows(axes, matrix, language)
    if n_classes <= _MAX_COUNTED_CLASSES:
        _write_cells(axes, matrix, shares, cells=cells)
    return figure


def _row_shares(matrix: ConfusionMatrix) -> list[list[float]]:
    """Each row divided by its sum; a row without images stays at 0 and is drawn white."""
    return [
        [count / (sum(row) or 1) for count in row] if row else [0.0] * len(matrix.vocab)
        for row in matrix.counts
    ]


def _grey_rows(axes: Axes, matrix: ConfusionMatrix, language: Language) -> None:
    """Cover the rows that a student's edition withholds, and say so in them."""
    middle = (len(matrix.vocab) - 1) / 2
    for number, row in enumerate(matrix.counts):
        if row is None:
            axes.axhspan(number - 0.5, number + 0.5, color=WITHHELD_COLOUR)
            said = language.gettext("withheld")
            axes.text(middle, number, said, ha="center", va="center", color="black")


def _write_cells(
    axes: Axes, matrix: ConfusionMatrix, shares: list[list[float]], *, cells: CellText
) -> None:
    for i, row in enumerate(matrix.counts):
        for j, count in enumerate(row or ()):
            if count:
                share = shares[i][j]
                text = str(count) if cells == "counts" else f"{100 * share:.0f}"
                colour = "white" if share > _DARK_SHARE else "black"
                axes.text(j, i, text, ha="center", va="center", color=colour)


def reliability_figure(
    candidate: ModelScores, baseline: ModelScores | None, language: Language, *, title: str
) -> Figure:
    """How often each model was right against how sure it was, with intervals and counts of images.

    Empty bins, and bins that a student's edition withholds, have no point.
    """
    figure = Figure(figsize=(6.5, 7.0), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    diagonal = language.gettext("perfect calibration")
    upper.plot([0, 1], [0, 1], color="grey", linestyle="--", label=diagonal)
    _draw_bins(upper, lower, candidate.reliability, _candidate_style(language))
    if baseline is not None:
        _draw_bins(upper, lower, baseline.reliability, _baseline_style(language))
    upper.set_title(title)
    upper.set_xlim(0, 1)
    upper.set_ylim(0, 1.02)
    upper.yaxis.set_major_formatter(_number_format(language))
    upper.set_ylabel(language.gettext("share of correct answers"))
    upper.legend(loc="upper left")
    lower.set_ylabel(metric_name("support", language))
    lower.xaxis.set_major_formatter(_number_format(language))
    lower.set_xlabel(language.gettext("probability of the predicted class"))
    return figure


def _number_format(language: Language) -> FuncFormatter:
    """How an axis writes shares."""
    return FuncFormatter(lambda value, _position: language.number(value, n_digits=1))


_Style: TypeAlias = dict[str, Any]


def _candidate_style(language: Language) -> _Style:
    name = metric_name("candidate", language)
    return {"color": CANDIDATE_COLOUR, "marker": CANDIDATE_MARKER, "linestyle": "-", "label": name}


def _baseline_style(language: Language) -> _Style:
    name = metric_name("baseline", language)
    return {"color": BASELINE_COLOUR, "marker": BASELINE_MARKER, "linestyle": "--", "label": name}


def _draw_bins(upper: Axes, lower: Axes, bins: Sequence[ReliabilityBin], look: _Style) -> None:
    points = [
        (one.confidence, one.accuracy, one.accuracy_interval)
        for one in bins
        if one.confidence is not None
        and one.accuracy is not None
        and one.accuracy_interval is not None
    ]
    upper.errorbar(
        [confidence for confidence, _, _ in points],
        [accuracy for _, accuracy, _ in points],
        yerr=[
            [accuracy - interval.low for _, accuracy, interval in points],
            [interval.high - accuracy for _, accuracy, interval in points],
        ],
        capsize=3,
        **look,
    )
    edges = [*(one.low for one in bins), *(one.high for one in bins[-1:])]
    counts = [one.n_images for one in bins]
    lower.stairs(counts, edges, color=look["color"], linestyle=look["linestyle"], linewidth=2)
    lower.set_ylim(bottom=0)


def class_change_figure(
    comparison: Comparison, candidate: ModelScores, language: Language, *, title: str
) -> Figure:
    """Recall of each class before and after, with intervals; beside it the flips and the verdict.

    Classes without images, and classes that a student's edition withholds, have no points.
    """
    n_classes = len(comparison.per_class)
    side = side_in(n_classes, least=1.8, per_class=0.45)
    figure = Figure(figsize=(8.5, side), layout="constrained")
    axes = figure.add_subplot()
    before = comparison.baseline_scores.per_class
    _draw_recalls(axes, before, -_OFFSET, _baseline_style(language))
    _draw_recalls(axes, candidate.per_class, _OFFSET, _candidate_style(language))
    size = name_size(n_classes, side=side)
    names = [shown(change.label) for change in comparison.per_class]
    axes.set_yticks(range(n_classes), names, fontsize=size)
    axes.set_ylim(n_classes - 0.5, -0.5)
    axes.set_xlim(-0.02, 1.02)
    axes.xaxis.set_major_formatter(_number_format(language))
    axes.set_xlabel(metric_name("recall", language))
    axes.set_title(title)
    axes.grid(axis="x", color="#DDDDDD")
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=2)
    said = axes.twinx()
    verdicts = [_verdict(change, language) for change in comparison.per_class]
    said.set_yticks(range(n_classes), verdicts, fontsize=size)
    said.set_ylim(axes.get_ylim())
    said.tick_params(length=0)
    return figure


def _draw_recalls(axes: Axes, scores: Sequence[ClassScore], offset: float, look: _Style) -> None:
    points = [
        (number + offset, one.recall, one.recall_interval)
        for number, one in enumerate(scores)
        if one.recall is not None and one.recall_interval is not None
    ]
    axes.errorbar(
        [recall for _, recall, _ in points],
        [height for height, _, _ in points],
        xerr=[
            [recall - interval.low for _, recall, interval in points],
            [interval.high - recall for _, recall, interval in points],
        ],
        capsize=3,
        **{**look, "linestyle": "none"},
    )


def _verdict(change: ClassChange, language: Language) -> str:
    """How many images were fixed and broken, and the resulting direction."""
    if change.n_improvements is None or change.n_regressions is None:
        return language.gettext("withheld")
    flips = f"+{language.count(change.n_improvements)} −{language.count(change.n_regressions)}"  # noqa: RUF001 - the real minus sign
    return f"{flips}  {direction_word(change.direction, language)}"
