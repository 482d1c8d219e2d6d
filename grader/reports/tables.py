"""The tables of a report as finished cells, in the reader's language.

Control characters in names are escaped here; markup is left for the renderer to escape.
"""

from dataclasses import dataclass

from grader.results.report import GradeReport
from grader.results.scores import ConfusionMatrix, Interval, Metrics, ModelScores, OneVsRest
from grader.words.language import UNDEFINED, Language
from grader.words.metrics import MetricKey, metric_name, top_k_name
from grader.words.verdicts import verdict_reason
from hidden_test_spec.errors import plain

_EMPTY_CELL = "."
# The row of the accuracy on readable images, which says something new only where others count.
_READABLE_ROW = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """A table whose cells are text.

    Attributes:
        title: Shown above it.
        columns: Heads of the columns.
        rows: Each as long as `columns`.
        n_text_columns: How many columns on the left hold words; the others hold numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_text_columns: int = 1


def models_table(report: GradeReport, language: Language) -> TextTable:
    """Both models side by side; intervals in brackets."""
    models = [(metric_name("candidate", language), report.model, report.scores.metrics)]
    if report.comparison is not None:
        compared = report.comparison
        name = metric_name("baseline", language)
        models.append((name, compared.baseline, compared.baseline_scores.metrics))
    infos = [info for _, info, _ in models]
    names = (
        (language.gettext("file"), *(plain(info.path.rpartition("/")[2]) for info in infos)),
        (language.gettext("architecture"), *(plain(info.architecture) for info in infos)),
    )
    cells = [_metric_cells(metrics, language) for _, _, metrics in models]
    numbers = [
        (cells[0][row][0], *(column[row][1] for column in cells)) for row in range(len(cells[0]))
    ]
    if not any(metrics.n_ties for _, _, metrics in models):
        numbers.pop()
    if report.test_set.n_counted == report.scores.metrics.n_scored:
        del numbers[_READABLE_ROW]
    level = language.percent(report.statistics.level, n_digits=0)
    return TextTable(
        title=language.gettext("Models, with {level} intervals").format(level=level),
        columns=("", *(head for head, _, _ in models)),
        rows=(*names, *numbers),
    )


def _metric_cells(metrics: Metrics, language: Language) -> list[tuple[str, str]]:
    """Name and value of each metric of one model; the ties come last."""

    def share(value: float, interval: Interval) -> str:
        return f"{language.percent(value)} ({language.interval(interval)})"

    def number(value: float, interval: Interval) -> str:
        return f"{language.number(value)} ({language.plain_interval(interval)})"

    cells: list[tuple[MetricKey, str]] = [
        ("accuracy", share(metrics.accuracy, metrics.accuracy_interval)),
        (
            "accuracy_readable",
            share(metrics.accuracy_readable, metrics.accuracy_readable_interval),
        ),
        ("n_correct", language.count(metrics.n_correct)),
        ("n_scored", language.count(metrics.n_scored)),
        (
            "balanced_accuracy",
            share(metrics.balanced_accuracy, metrics.balanced_accuracy_interval),
        ),
        ("macro_f1", share(metrics.macro_f1, metrics.macro_f1_interval)),
        ("loss", number(metrics.loss, metrics.loss_interval)),
        ("brier", number(metrics.brier, metrics.brier_interval)),
        ("ece", share(metrics.ece, metrics.ece_interval)),
    ]
    top_k = [
        (top_k_name(one.k, language), share(one.accuracy, one.interval)) for one in metrics.top_k
    ]
    ties = (metric_name("n_ties", language), language.count(metrics.n_ties))
    return [*((metric_name(key, language), cell) for key, cell in cells), *top_k, ties]


def rubric_table(report: GradeReport, language: Language) -> TextTable:
    """Each criterion, whether it is met, its points and why."""
    title = language.gettext("Rubric")
    if report.spec is not None:
        title = language.gettext("Rubric of {name} {version}").format(
            name=plain(report.spec.name), version=plain(report.spec.version)
        )
    return TextTable(
        title=title,
        columns=(
            language.gettext("criterion"),
            language.gettext("outcome"),
            language.gettext("points"),
            language.gettext("why"),
        ),
        rows=tuple(
            (
                plain(verdict.criterion),
                language.gettext("met") if verdict.passed else language.gettext("not met"),
                f"{verdict.points:g} / {verdict.points_possible:g}",
                verdict_reason(verdict, language),
            )
            for verdict in report.verdicts
        ),
        n_text_columns=4,
    )


def class_table(report: GradeReport, language: Language) -> TextTable:
    """Recall and precision of each class, with intervals."""
    level = language.percent(report.statistics.level, n_digits=0)
    interval = language.gettext("interval")
    heads: tuple[MetricKey, ...] = ("label", "support", "recall", "precision")
    label, support, recall, precision = (metric_name(head, language) for head in heads)
    return TextTable(
        title=language.gettext("Classes, with {level} intervals").format(level=level),
        columns=(label, support, recall, interval, precision, interval),
        rows=tuple(
            (
                plain(one.label),
                language.count(one.support),
                language.percent(one.recall),
                language.interval(one.recall_interval, n_digits=0),
                language.percent(one.precision),
                language.interval(one.precision_interval, n_digits=0),
            )
            for one in report.scores.per_class
        ),
    )


def one_vs_rest_table(report: GradeReport, language: Language) -> TextTable:
    """F1 and area under the curve with intervals, mean loss and the 2x2 counts of each class."""
    heads: tuple[MetricKey, ...] = ("label", "f1", "auc", "mean_loss", "tp", "fp", "fn", "tn")
    label, f1, auc, *others = (metric_name(head, language) for head in heads)
    interval = language.gettext("interval")
    return TextTable(
        title=language.gettext("Classes, each against the rest"),
        columns=(label, f1, interval, auc, interval, *others),
        rows=tuple(
            (
                plain(one.label),
                language.percent(one.f1),
                language.interval(one.f1_interval, n_digits=0),
                language.number(one.auc, n_digits=3),
                language.plain_interval(one.auc_interval, n_digits=2),
                language.number(one.mean_loss, n_digits=3),
                *_counts(one.one_vs_rest, language),
            )
            for one in report.scores.per_class
        ),
    )


def _counts(matrix: OneVsRest | None, language: Language) -> tuple[str, ...]:
    if matrix is None:
        return (UNDEFINED,) * 4
    return tuple(language.count(n) for n in (matrix.tp, matrix.fp, matrix.fn, matrix.tn))


def matrix_tables(report: GradeReport, language: Language) -> tuple[TextTable, ...]:
    """The confusion matrix of each model; columns are numbered, as rows are."""
    matrices = [(language.gettext("Confusion matrix"), report.scores.confusion_matrix)]
    if report.comparison is not None:
        title = language.gettext("Confusion matrix of the baseline")
        matrices.append((title, report.comparison.baseline_scores.confusion_matrix))
    return tuple(_matrix_table(title, matrix, language) for title, matrix in matrices)


def _matrix_table(title: str, matrix: ConfusionMatrix, language: Language) -> TextTable:
    numbers = tuple(str(number + 1) for number in range(len(matrix.vocab)))
    nothing = (UNDEFINED,) * len(matrix.vocab)
    axes = language.gettext("{title} (true class down, predicted across)")
    return TextTable(
        title=axes.format(title=title),
        columns=("", *numbers),
        rows=tuple(
            (
                f"{number} {plain(label)}",
                *(
                    nothing
                    if row is None
                    else (language.count(count) if count else _EMPTY_CELL for count in row)
                ),
            )
            for number, label, row in zip(numbers, matrix.vocab, matrix.counts, strict=True)
        ),
    )


def confused_table(report: GradeReport, language: Language, *, n_most: int) -> TextTable | None:
    """The most confused pairs of classes; None if nothing was confused."""
    pairs = report.scores.most_confused[:n_most]
    if not pairs:
        return None
    return TextTable(
        title=language.gettext("Most confused"),
        columns=(
            language.gettext("true class"),
            language.gettext("taken for"),
            metric_name("support", language),
        ),
        rows=tuple(
            (plain(pair.label), plain(pair.prediction), language.count(pair.n_images))
            for pair in pairs
        ),
        n_text_columns=2,
    )


def reliability_tables(report: GradeReport, language: Language) -> tuple[TextTable, ...]:
    """The reliability table of each model."""
    scores = [(language.gettext("Calibration"), report.scores)]
    if report.comparison is not None:
        title = language.gettext("Calibration of the baseline")
        scores.append((title, report.comparison.baseline_scores))
    return tuple(_reliability_table(one, title, language) for title, one in scores)


def _reliability_table(scores: ModelScores, title: str, language: Language) -> TextTable:
    """How sure one model was against how often it was right; bins without images are left out."""
    return TextTable(
        title=title,
        columns=(
            language.gettext("probability"),
            metric_name("support", language),
            language.gettext("how sure"),
            language.gettext("how often right"),
            language.gettext("interval"),
        ),
        rows=tuple(
            (
                language.interval(Interval(one.low, one.high), n_digits=0),
                language.count(one.n_images),
                language.percent(one.confidence),
                language.percent(one.accuracy),
                language.interval(one.accuracy_interval, n_digits=0),
            )
            for one in scores.reliability
            if one.n_images
        ),
    )
