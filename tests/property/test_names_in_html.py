"""No name of a class or a file, however strange, changes anything in a page except its text."""

import functools
import json
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.reports.html.notebook import notebook_html
from grader.reports.html.page import report_html
from grader.results.report import GradeReport, ImageRecord, Notice
from grader.words.language import ENGLISH
from hidden_test_spec.errors import quote
from tests.factories import make_report
from tests.grader.reports.pages import Page
from tests.property.strategies import NAMES

# Pieces that mean something to HTML, to scripts and to templates, and everything else.
PIECES = st.sampled_from(
    [
        "<",
        ">",
        "&",
        '"',
        "'",
        "`",
        "</script>",
        "<!--",
        "]]>",
        "&lt;",
        "{{",
        "{%",
        "{0}",
        "{n}",
        "%s",
    ]
)
HOSTILE = st.one_of(NAMES, st.lists(st.one_of(PIECES, NAMES), min_size=1).map("".join))
VOCABS = st.lists(HOSTILE, min_size=2, max_size=3, unique=True).map(tuple)


def report_on(labels: tuple[str, ...], torn: str) -> GradeReport:
    """A report with names everywhere that a name can appear."""
    report = make_report(
        labels=labels,
        targets=(0, 1, 1),
        candidate=(0, 0, 1),
        baseline=(1, 1, 1),
        unreadable=(ImageRecord(name=torn, label=labels[0], sha256="0" * 64, unreadable=torn),),
        notices=(
            Notice(code="ties", n=1, of=2, model=torn, labels=labels, images=(torn,)),
            Notice(code="classes_without_images", labels=labels),
        ),
    )
    model = replace(report.model, path=torn, architecture=torn, vocab=labels)
    test_set = replace(report.test_set, path=torn)
    return replace(report, model=model, test_set=test_set)


@functools.cache
def plain_elements(n_classes: int, draw: Callable[[GradeReport], str]) -> Counter[str]:
    """Elements and attributes of the same report with harmless names."""
    return Page(draw(report_on(("robin", "wren", "tit")[:n_classes], "torn.png"))).elements


def page_of(report: GradeReport) -> str:
    """The page, without photos."""
    return report_html(report, language=ENGLISH, photos=None)


@settings(max_examples=40)
@given(VOCABS, HOSTILE)
@example(("</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>"), "\u202e\u2028\x00")
def test_a_page_has_the_same_elements_whatever_the_names(
    labels: tuple[str, ...], torn: str
) -> None:
    """None is added, none lost, and no control character is left in it."""
    text = page_of(report_on(labels, torn))
    assert Page(text).elements == plain_elements(len(labels), page_of)
    assert {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs"}} == {"\n"}


@settings(max_examples=40)
@given(VOCABS, HOSTILE)
def test_names_come_back_from_a_page_as_text(labels: tuple[str, ...], torn: str) -> None:
    """An HTML parser reads them unchanged, except for escaped control characters."""
    page = Page(page_of(report_on(labels, torn)))
    shown = [quote(label)[1:-1] for label in labels]
    assert {*shown, quote(torn)[1:-1]} <= set(page.texts)
    assert set(shown) <= set(page.values)
    data = json.loads(page.scripts[1])
    assert data["labels"] == shown
    assert data["images"][0][0] == quote(f"{labels[0]}/0.png")[1:-1]


@settings(max_examples=40)
@given(VOCABS, HOSTILE)
def test_a_notebook_has_the_same_elements_whatever_the_names(
    labels: tuple[str, ...], torn: str
) -> None:
    """As the page."""
    text = notebook_html(report_on(labels, torn))
    assert Page(text).elements == plain_elements(len(labels), notebook_html)
    assert {quote(label)[1:-1] for label in labels} <= set(Page(text).texts)
