"""The figures of a report as files, each as PNG and as SVG."""

from collections.abc import Iterator

from matplotlib.figure import Figure

from grader.reports.figures.plot_style import drawing, encoded
from grader.reports.figures.plots import (
    CellText,
    class_change_figure,
    confusion_matrix_figure,
    reliability_figure,
)
from grader.results.report import GradeReport
from grader.words.language import Language


def figure_files(report: GradeReport, language: Language) -> dict[str, bytes]:
    """Name and content of each file; without a baseline its figures and the changes are absent."""
    with drawing():
        return {
            f"{name}.{ending}": content
            for name, figure in _figures(report, language)
            for ending, content in encoded(figure).items()
        }


def _figures(report: GradeReport, language: Language) -> Iterator[tuple[str, Figure]]:
    """Name and figure of each, with the names of `FIGURE_NAMES` in their order."""
    comparison = report.comparison
    matrices = [("", language.gettext("Confusion matrix"), report.scores.confusion_matrix)]
    if comparison is not None:
        title = language.gettext("Confusion matrix of the baseline")
        matrices.append(("baseline_", title, comparison.baseline_scores.confusion_matrix))
    by_row = language.gettext("{title}, % of each true class")
    kinds: tuple[tuple[str, CellText, str], ...] = (
        ("confusion_matrix", "counts", "{title}"),
        ("confusion_matrix_by_row", "shares", by_row),
    )
    for prefix, title, matrix in matrices:
        for name, cells, words in kinds:
            figure = confusion_matrix_figure(
                matrix, language, title=words.format(title=title), cells=cells
            )
            yield prefix + name, figure
    baseline = None if comparison is None else comparison.baseline_scores
    title = language.gettext("How sure, and how often right")
    yield "reliability", reliability_figure(report.scores, baseline, language, title=title)
    if comparison is not None:
        title = language.gettext("Recall of each class, candidate against baseline")
        yield "class_changes", class_change_figure(comparison, report.scores, language, title=title)
