"""The report as rich tables, for a terminal. Names are shown as plain text, never as markup."""

from collections.abc import Callable, Iterable

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.comparisons import Comparison, Flip
from grader.grade_report import GradeReport
from grader.scores import ClassScore, ConfusionMatrix, Metrics
from grader.words.language import ENGLISH
from grader.words.notices import notice_sentence
from hidden_test_spec.errors import quote

MAX_MATRIX_CLASSES = 20
MAX_FLIPS = 20
UNDEFINED = "-"


def report_text(report: GradeReport) -> RenderableType:
    """The whole report, verdict first; print it on a rich console."""
    parts: list[RenderableType] = [_headline(report), _overview(report)]
    if report.verdicts:
        parts.append(_rubric(report))
    parts += [_per_class(report), _matrix("Confusion matrix", report.scores.confusion_matrix)]
    if report.comparison is not None:
        matrix = report.comparison.baseline_scores.confusion_matrix
        parts += [_matrix("Confusion matrix of the baseline", matrix)]
        parts += [_changes(report.comparison), *_flips(report.comparison)]
    return Group(*parts, *_unreadable(report), *_warnings(report), _engine(report))


def _titled(title: str, table: Table) -> Group:
    """A title of its own line, since rich would break a table's title at the table's width."""
    return Group(Text(f"\n{title}", style="bold"), table)


def _table(*columns: str, n_text_columns: int = 1) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, show_edge=False)
    for number, column in enumerate(columns):
        table.add_column(Text(column), justify="left" if number < n_text_columns else "right")
    return table


def _row(table: Table, *cells: str, style: str = "") -> None:
    table.add_row(*(Text(cell) for cell in cells), style=style)


def _share(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.4f}"


def _name(text: str) -> str:
    """A name as it stands, its control characters escaped."""
    return quote(text)[1:-1]


def _headline(report: GradeReport) -> Text:
    metrics, n_images = report.scores.metrics, report.test_set.n_images
    found = f"{metrics.n_correct} of {n_images} images right, {metrics.accuracy:.2%}."
    if report.grade is None:
        return Text(found, style="bold")
    grade = report.grade
    verdict = "PASSED" if grade.passed else "BELOW THE RUBRIC"
    text = Text(
        f"{verdict}: {grade.points:g} of {grade.points_possible:g} points. ",
        style="bold green" if grade.passed else "bold red",
    )
    return text.append(found, style="bold default")


def _overview(report: GradeReport) -> Group:
    columns = ["", "candidate"]
    models = [(report.model, report.scores.metrics)]
    if report.comparison is not None:
        columns.append("baseline")
        models.append((report.comparison.baseline, report.comparison.baseline_scores.metrics))
    table = _table(*columns)
    rows: list[tuple[str, Callable[[Metrics], str]]] = [
        ("loss (nats)", lambda metrics: f"{metrics.loss:.6f}"),
        ("accuracy", lambda metrics: f"{metrics.accuracy:.6f}"),
        ("accuracy, readable", lambda metrics: f"{metrics.accuracy_readable:.6f}"),
        ("right / scored", lambda metrics: f"{metrics.n_correct} / {metrics.n_scored}"),
    ]
    if any(metrics.n_ties for _, metrics in models):
        rows.append(("ties, drawn by hash", lambda metrics: f"{metrics.n_ties}"))
    _row(table, "file", *(_name(model.path.rpartition("/")[2]) for model, _ in models))
    _row(table, "architecture", *(_name(model.architecture) for model, _ in models))
    for name, cell in rows:
        _row(table, name, *(cell(metrics) for _, metrics in models))
    return _titled("Models", table)


def _rubric(report: GradeReport) -> Group:
    title = "Rubric"
    if report.spec is not None:
        title = f"Rubric of {report.spec.name} {report.spec.version}"
    table = _table("criterion", "", "found", "points", n_text_columns=2)
    for verdict in report.verdicts:
        points = f"{verdict.points:g} / {verdict.points_possible:g}"
        found = UNDEFINED if verdict.found is None else f"{verdict.found:.6g}"
        outcome, style = ("met", "green") if verdict.passed else ("not met", "red")
        _row(table, verdict.criterion, outcome, found, points, style=style)
    return _titled(title, table)


def _per_class(report: GradeReport) -> Group:
    counts = ("tp", "fp", "fn", "tn")
    table = _table("class", "support", "recall", "precision", "f1", *counts)
    for score in report.scores.per_class:
        _row(table, _name(score.label), *_class_cells(score))
    return _titled("Classes, each against the rest", table)


def _class_cells(score: ClassScore) -> list[str]:
    matrix = score.one_vs_rest
    if matrix is None:
        return [UNDEFINED] * 8
    shares = [_share(score.recall), _share(score.precision), _share(score.f1)]
    return [str(score.support), *shares, *map(str, (matrix.tp, matrix.fp, matrix.fn, matrix.tn))]


def _matrix(title: str, matrix: ConfusionMatrix) -> RenderableType:
    n_classes = len(matrix.vocab)
    if n_classes > MAX_MATRIX_CLASSES:
        return Text(f"{title}: {n_classes} classes are too many to show here; use --out.\n")
    numbers = [str(number) for number in range(1, n_classes + 1)]
    table = _table("", *numbers)
    for number, label, row in zip(numbers, matrix.vocab, matrix.counts, strict=True):
        cells = [str(count) if count else "." for count in row or ()]
        _row(table, f"{number} {_name(label)}", *cells)
    return _titled(f"{title} (true class down, predicted across)", table)


def _changes(comparison: Comparison) -> Group:
    title = f"Candidate against baseline: accuracy {comparison.accuracy_change:+.4f}"
    columns = ("baseline recall", "candidate recall", "regressions", "improvements")
    table = _table("class", "support", *columns)
    for one in comparison.per_class:
        recalls = _share(one.baseline_recall), _share(one.candidate_recall)
        counts = str(one.n_regressions), str(one.n_improvements)
        _row(table, _name(one.label), str(one.support), *recalls, *counts)
    total = str(comparison.n_regressions), str(comparison.n_improvements)
    n_scored = str(comparison.baseline_scores.metrics.n_scored)
    _row(table, "all", n_scored, "", "", *total, style="bold")
    return _titled(title, table)


def _flips(comparison: Comparison) -> Iterable[RenderableType]:
    if comparison.changes is None:
        return
    kinds = (
        ("Regressions (right before, wrong now)", comparison.changes.regressions),
        ("Improvements (wrong before, right now)", comparison.changes.improvements),
    )
    for title, flips in kinds:
        if flips:
            yield _flip_table(title, flips)


def _flip_table(title: str, flips: tuple[Flip, ...]) -> Group:
    n_hidden = len(flips) - MAX_FLIPS
    note = f"; the first {MAX_FLIPS} of {len(flips)}, all are in the JSON" if n_hidden > 0 else ""
    columns = ("image", "true class", "baseline said", "candidate said")
    table = _table(*columns, n_text_columns=len(columns))
    for flip in flips[:MAX_FLIPS]:
        said = flip.label, flip.baseline_prediction, flip.candidate_prediction
        _row(table, _name(flip.image), *map(_name, said))
    return _titled(title + note, table)


def _unreadable(report: GradeReport) -> Iterable[RenderableType]:
    unreadable = () if report.evidence is None else report.evidence.unreadable
    if unreadable:
        table = _table("image", "reason", n_text_columns=2)
        for image in unreadable[:MAX_FLIPS]:
            _row(table, _name(image.name), _name(image.unreadable or ""))
        n_hidden = len(unreadable) - MAX_FLIPS
        if n_hidden > 0:
            _row(table, f"and {n_hidden} more", "all are in the JSON")
        yield _titled("Unreadable images, counted as wrong", table)


def _warnings(report: GradeReport) -> Iterable[Text]:
    return (
        Text(f"Warning: {notice_sentence(notice, ENGLISH)}", style="yellow")
        for notice in report.notices
    )


def _engine(report: GradeReport) -> Text:
    engine = report.engine
    return Text(
        f"\nRan on {engine.device} in {engine.precision} with {engine.backend}: "
        f"{engine.images_per_s:.1f} images/s, {engine.wall_s:.1f} s.\n"
        f"{engine.n_regraded} answers were given again in other batches; no probability moved by "
        f"more than {engine.largest_change:.1e}.",
        style="dim",
    )
