"""The report as rich tables, for a terminal. Names are shown as plain text, never as markup."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from grader.reports.comparison_tables import (
    class_change_table,
    class_sentence_table,
    comparison_table,
    image_tables,
)
from grader.reports.headline import edition_note, engine_sentences, finding, outcome
from grader.reports.tables import (
    TextTable,
    class_table,
    confused_table,
    matrix_tables,
    models_table,
    one_vs_rest_table,
    reliability_tables,
    rubric_table,
)
from grader.results.comparisons import Comparison
from grader.results.report import GradeReport, Notice
from grader.words.comparisons import overall_sentences
from grader.words.language import ENGLISH, Language
from grader.words.notices import notice_sentence, touches_grade

_MAX_IMAGES = 20
_MAX_CONFUSED = 10
_MIN_NAME_WIDTH, _MAX_HEAD_WIDTH, _GAP = 8, 12, 2
_OUTCOME_STYLES = {True: "green", False: "red"}


def report_text(report: GradeReport, language: Language = ENGLISH) -> RenderableType:
    """The whole report, verdict first; print it on a rich console."""
    return Group(*_parts(report, language))


def _parts(report: GradeReport, language: Language) -> Iterator[RenderableType]:
    yield _headline(report, language)
    yield from _warnings([one for one in report.notices if touches_grade(one)], language)
    yield _drawn(models_table(report, language))
    if report.verdicts:
        styles = tuple(_OUTCOME_STYLES[verdict.passed] for verdict in report.verdicts)
        yield _drawn(rubric_table(report, language), styles=styles)
    yield _drawn(class_table(report, language))
    yield _drawn(one_vs_rest_table(report, language))
    for table in matrix_tables(report, language):
        yield _FittingTable(table, language)
    confused = confused_table(report, language, n_most=_MAX_CONFUSED)
    if confused is not None:
        yield _drawn(confused)
    if report.comparison is not None:
        yield from _comparison(report, report.comparison, language)
    for table in (
        *image_tables(report, language, n_most=_MAX_IMAGES),
        *reliability_tables(report, language),
    ):
        yield _drawn(table)
    yield from _closing(report, language)


def _headline(report: GradeReport, language: Language) -> Text:
    graded = outcome(report, language)
    text = Text()
    if report.grade is not None and graded is not None:
        text.append(f"{graded} ", style=f"bold {_OUTCOME_STYLES[report.grade.passed]}")
    return text.append(finding(report, language), style="bold")


def _comparison(
    report: GradeReport, comparison: Comparison, language: Language
) -> Iterator[RenderableType]:
    yield _drawn(comparison_table(report, comparison, language))
    for sentence in overall_sentences(comparison, report.test_set, language):
        yield Text(sentence)
    yield _drawn(class_change_table(comparison, language))
    yield _drawn(class_sentence_table(comparison, language))


def _closing(report: GradeReport, language: Language) -> Iterator[Text]:
    yield Text()
    yield from _warnings([one for one in report.notices if not touches_grade(one)], language)
    note = edition_note(report, language)
    if note is not None:
        yield Text(note)
    for sentence in engine_sentences(report, language):
        yield Text(sentence, style="dim")


def _warnings(notices: Sequence[Notice], language: Language) -> Iterator[Text]:
    for notice in notices:
        sentence = notice_sentence(notice, language)
        said = language.gettext("Warning: {sentence}").format(sentence=sentence)
        yield Text(said, style="yellow")


def _drawn(table: TextTable, *, styles: tuple[str, ...] | None = None) -> "_WrappingTable":
    """The table below its title, since rich would wrap a title at the table's width."""
    return _WrappingTable(table, styles)


def _title(table: TextTable) -> Text:
    return Text(f"\n{table.title}", style="bold")


def _rich_table(table: TextTable, styles: tuple[str, ...] | None = None) -> Table:
    drawn = Table(box=box.SIMPLE, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for number, column in enumerate(table.columns):
        if number < table.n_text_columns:
            drawn.add_column(Text(column), overflow="fold", min_width=_MIN_NAME_WIDTH)
        else:
            drawn.add_column(Text(_head(column)), justify="right", no_wrap=True)
    for row, style in zip(table.rows, styles or ("",) * len(table.rows), strict=True):
        drawn.add_row(*(Text(cell) for cell in row), style=style)
    return drawn


class _WrappingTable:
    """A table in as many parts as it takes for nothing to be cropped, each with the names."""

    def __init__(self, table: TextTable, styles: tuple[str, ...] | None) -> None:
        self.table = table
        self.styles = styles

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield _title(self.table)
        n_columns, start = len(self.table.columns), self.table.n_text_columns
        if start == n_columns:
            yield _rich_table(self.table, self.styles)
        while start < n_columns:
            stop = start + 1
            while stop < n_columns and self._fits(start, stop + 1, options):
                stop += 1
            yield _rich_table(self._part(start, stop), self.styles)
            start = stop

    def _fits(self, start: int, stop: int, options: ConsoleOptions) -> bool:
        return _narrowest(self._part(start, stop)) <= options.max_width

    def _part(self, start: int, stop: int) -> TextTable:
        """The columns of words, and these of numbers."""
        n_text = self.table.n_text_columns
        rows = [(*row[:n_text], *row[start:stop]) for row in (self.table.columns, *self.table.rows)]
        return replace(self.table, columns=rows[0], rows=tuple(rows[1:]))


def _narrowest(table: TextTable) -> int:
    """The fewest columns of a terminal that the table can be drawn in without cropping."""
    n_text = table.n_text_columns
    heads = [_head(column).split("\n") for column in table.columns[n_text:]]
    numbers = zip(*(row[n_text:] for row in table.rows), strict=True) if table.rows else heads
    widths = [
        max(map(cell_len, (*head, *cells))) for head, cells in zip(heads, numbers, strict=True)
    ]
    return n_text * _MIN_NAME_WIDTH + sum(widths) + _GAP * (len(table.columns) - 1)


def _head(column: str) -> str:
    return textwrap.fill(column, _MAX_HEAD_WIDTH, break_long_words=False)


class _FittingTable:
    """A table that is drawn only if all its columns fit."""

    def __init__(self, table: TextTable, language: Language) -> None:
        self.table = table
        self.language = language

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        drawn = _rich_table(self.table)
        yield _title(self.table)
        if _narrowest(self.table) > options.max_width:
            n_classes = len(self.table.rows)
            said = self.language.gettext("{n} classes are too many to show here; use --out.")
            yield Text(said.format(n=self.language.count(n_classes)))
        else:
            yield drawn
