"""The report as Markdown, for a CI job's summary or a comment. Verdict first.

GitHub renders HTML, mentions, links and issue numbers in Markdown. All text from a report is
escaped here, so that it stays text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

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
from grader.words.language import Language
from grader.words.notices import notice_sentence, touches_grade

_MAX_MATRIX_CLASSES = 12
_MAX_CONFUSED = 10
_MAX_IMAGES = 20
_NOTHING = "&#8203;"  # a zero-width space: it splits what GitHub would turn into a link
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", "|": "&#124;", "$": "&#36;"})
_MARKUP = re.compile(r"[\\`*_~\[\]]")
_REFERENCE = re.compile(r"[@#]|:(?=//|[\w+-]+:)|(?<=www)\.|(?<=GH)-", re.IGNORECASE)


def report_markdown(report: GradeReport, language: Language) -> str:
    """The whole report in GitHub's Markdown; it ends in a newline."""
    return "\n\n".join(_blocks(report, language)) + "\n"


def escape_markdown(text: str) -> str:
    """Text that Markdown shows unchanged, in a line or in a table cell.

    Args:
        text: Text without control characters.
    """
    parted = _REFERENCE.sub(lambda found: found[0] + "\0", text)
    marked = _MARKUP.sub(lambda found: "\\" + found[0], parted)
    return marked.translate(_ENTITIES).replace("\0", _NOTHING)


def _blocks(report: GradeReport, language: Language) -> Iterator[str]:
    graded, found = outcome(report, language), escape_markdown(finding(report, language))
    yield f"**{found}**" if graded is None else f"**{escape_markdown(graded)}** {found}"
    yield from _notices([one for one in report.notices if touches_grade(one)], language)
    yield from _tables(_opening_tables(report, language))
    for table in matrix_tables(report, language):
        yield from _matrix(table, language)
    confused = confused_table(report, language, n_most=_MAX_CONFUSED)
    if confused is not None:
        yield from _tables([confused])
    if report.comparison is not None:
        yield from _comparison(report, report.comparison, language)
    yield from _tables(image_tables(report, language, n_most=_MAX_IMAGES))
    yield from _tables(reliability_tables(report, language))
    yield from _closing(report, language)


def _opening_tables(report: GradeReport, language: Language) -> Iterator[TextTable]:
    yield models_table(report, language)
    if report.verdicts:
        yield rubric_table(report, language)
    yield class_table(report, language)
    yield one_vs_rest_table(report, language)


def _comparison(report: GradeReport, comparison: Comparison, language: Language) -> Iterator[str]:
    yield from _tables([comparison_table(report, comparison, language)])
    sentences = overall_sentences(comparison, report.test_set, language)
    yield escape_markdown(" ".join(sentences))
    yield from _tables(
        [class_change_table(comparison, language), class_sentence_table(comparison, language)]
    )


def _closing(report: GradeReport, language: Language) -> Iterator[str]:
    others = [one for one in report.notices if not touches_grade(one)]
    if others:
        yield _heading(language.gettext("Warnings"))
        yield from _notices(others, language)
    note = edition_note(report, language)
    if note is not None:
        yield escape_markdown(note)
    yield escape_markdown(" ".join(engine_sentences(report, language)))


def _notices(notices: Sequence[Notice], language: Language) -> Iterator[str]:
    if notices:
        sentences = [escape_markdown(notice_sentence(one, language)) for one in notices]
        yield "\n".join(f"- {sentence}" for sentence in sentences)


def _matrix(table: TextTable, language: Language) -> Iterator[str]:
    n_classes = len(table.rows)
    if n_classes <= _MAX_MATRIX_CLASSES:
        yield from _tables([table])
        return
    yield _heading(table.title)
    said = language.gettext("{n} classes are too many to show here; use --out.")
    yield escape_markdown(said.format(n=language.count(n_classes)))


def _tables(tables: Iterable[TextTable]) -> Iterator[str]:
    for table in tables:
        yield _heading(table.title)
        n_words = table.n_text_columns
        rule = [":--" if number < n_words else "--:" for number in range(len(table.columns))]
        rows = (table.columns, *table.rows)
        head, *body = [[escape_markdown(cell) for cell in row] for row in rows]
        yield "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *body))


def _heading(title: str) -> str:
    return f"### {escape_markdown(title)}"
