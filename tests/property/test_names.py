"""Any name goes through every form of a report, and comes back from those that a program reads."""

import csv
import io
import json
import unicodedata
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from grader.reports.as_csv import FORMULA_STARTS, predictions_csv
from grader.reports.as_gradescope import report_gradescope
from grader.reports.as_junit import report_junit
from grader.reports.as_markdown import escape_markdown, report_markdown
from grader.reports.as_text import report_text
from grader.reports.document.reading import read_report
from grader.reports.document.writing import report_json, report_schema
from grader.reports.figures.files import figure_files
from grader.results.editions import edition
from grader.results.presentation import Audience
from grader.results.report import GradeReport, ImageRecord, Notice
from grader.words.language import ENGLISH, language_of
from hidden_test_spec.errors import plain, quote
from hidden_test_spec.labels import label_key
from tests.factories import make_report, make_rubric
from tests.property.strategies import NAMES, VOCABS

AUDIENCES = st.sampled_from(["instructor", "student"])
LANGUAGES = st.sampled_from(["en", "es"]).map(language_of)
# What strangers would put into a name, among all other characters.
NASTY = st.sampled_from(
    [
        "<b>",
        "|",
        "`",
        "$",
        "\\",
        "@a",
        "#1",
        "://",
        "\n",
        "\x1b",
        "&lt;",
        "]]>",
        "=1",
        "'",
        "\u202e",
    ]
)
ODD_NAMES = st.lists(NASTY | NAMES, min_size=1, max_size=3).map("".join)
ODD_VOCABS = st.lists(ODD_NAMES, min_size=2, max_size=3, unique=True).map(tuple)


# Stand for the names in a report that is made once; each is one character of private use.
TORN, *PLACES = map(chr, range(0xE000, 0xE005))


def report_on(labels: tuple[str, ...], torn: str = "torn", model: str = "m") -> GradeReport:
    """A report in which names stand everywhere: classes, images, flips, verdicts, notices."""
    names = dict(zip([TORN, *PLACES], [torn, *labels], strict=False))
    table = str.maketrans({**names, "\ue010": model})
    renamed: GradeReport = with_names(report_of(len(labels)), table)
    return renamed


@cache
def report_of(n_classes: int) -> GradeReport:
    """A report with places for the names of a torn image and of so many classes."""
    labels = tuple(PLACES[:n_classes])
    return make_report(
        labels=labels,
        targets=(0,) * 6 + (1,) * 6,
        candidate=(0,) * 5 + (1,) * 6 + (0,),
        baseline=(1,) * 12,
        rubric=make_rubric("accuracy >= 0.9", "recall >= 0.99 in every class"),
        unreadable=(ImageRecord(name=TORN, label=labels[0], sha256="f" * 64, unreadable=TORN),),
        other_files=(TORN,),
        notices=(
            Notice(code="classes_without_images", n=1, labels=labels),
            Notice(code="ties", n=1, of=12, model="\ue010"),
            Notice(code="other_files", n=1, images=(TORN,)),
        ),
    )


def with_names(value: Any, table: dict[int, str]) -> Any:
    """The same value with names in their places, however deep they stand."""
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, tuple):
        inner = [with_names(one, table) for one in value]
        return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
    if is_dataclass(value) and not isinstance(value, type):
        inside = {one.name: with_names(getattr(value, one.name), table) for one in fields(value)}
        return type(value)(**inside)
    return value


def has_control(text: str) -> bool:
    """Whether anything but line ends can't be seen."""
    return any(unicodedata.category(char)[0] == "C" for char in set(text) - {"\n"})


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    return report_schema()


@settings(max_examples=40)
@given(ODD_VOCABS, ODD_NAMES, AUDIENCES)
def test_a_report_comes_back_from_json(
    tmp_path_factory: pytest.TempPathFactory, labels: tuple[str, ...], torn: str, audience: Audience
) -> None:
    """In both editions it is as the schema says, and reading and writing it gives the same text."""
    path = tmp_path_factory.getbasetemp() / "report.json"
    text = report_json(edition(report_on(labels, torn), audience))
    path.write_bytes(text.encode("utf-8"))
    jsonschema.validate(json.loads(text), schema())
    found = read_report(path)
    assert report_json(found) == text
    assert found.test_set.classes == labels


@given(ODD_VOCABS, ODD_NAMES)
def test_names_come_back_from_csv(labels: tuple[str, ...], torn: str) -> None:
    """All rows have the header's length, and one apostrophe is taken off where there is one."""
    report = report_on(labels, torn)
    text = predictions_csv(report).encode("utf-8").decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert report.evidence is not None
    assert header[4 : 4 + len(labels)] == [f"probability[{label}]" for label in labels]
    names = [[cell.removeprefix("'") for cell in row[:2]] for row in rows]
    assert names == [[one.name, one.label] for one in report.evidence.images]
    assert {len(row) for row in rows} == {len(header)}


@given(ODD_VOCABS, ODD_NAMES)
def test_no_cell_of_the_csv_is_a_formula(labels: tuple[str, ...], torn: str) -> None:
    """Whatever a spreadsheet takes for one has an apostrophe before it."""
    text = predictions_csv(report_on(labels, torn))
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS) and cell[0] != "'"]


@settings(max_examples=30)  # rich is slow
@given(ODD_VOCABS, ODD_NAMES, LANGUAGES, st.integers(60, 140))
def test_no_name_puts_a_control_character_into_the_text(
    labels: tuple[str, ...], torn: str, language: Any, width: int
) -> None:
    """Only the report's own line ends are left."""
    text = io.StringIO()
    console = Console(width=width, file=text, force_terminal=False, legacy_windows=False)
    console.print(report_text(report_on(labels, torn, model=torn), language))
    assert not has_control(text.getvalue())


@settings(max_examples=40)
@given(ODD_VOCABS, ODD_NAMES, AUDIENCES)
def test_markdown_draws_names_as_text(
    labels: tuple[str, ...], torn: str, audience: Audience
) -> None:
    """No HTML, link, code or heading comes out of a name, and no line ends early."""
    text = report_markdown(edition(report_on(labels, torn, model=torn), audience), ENGLISH)
    assert not has_control(text)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "text_special", "strong_open", "strong_close"}
    blocks = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens}
    lists = {"bullet_list", "list_item"}
    tables = {"table", "thead", "tbody", "tr", "th", "td"}
    assert blocks <= {"heading", "paragraph", "inline"} | lists | tables
    heads = [token for token in tokens if token.type == "heading_open"]
    assert len(heads) == sum(line.startswith("### ") for line in text.splitlines())


@given(st.text())
def test_a_name_comes_back_from_markdown(name: str) -> None:
    """Between words of its own it is the same text, except for zero-width spaces."""
    shown = plain(name)
    (inline,) = (
        token
        for token in MarkdownIt("commonmark").parse(f"x{escape_markdown(shown)}x")
        if token.type == "inline"
    )
    drawn = "".join(child.content for child in inline.children or ())
    assert drawn.replace("\u200b", "") == f"x{shown}x"


@given(ODD_VOCABS, ODD_NAMES, LANGUAGES)
def test_junit_is_xml_whatever_the_names(labels: tuple[str, ...], torn: str, language: Any) -> None:
    """It parses from UTF-8, and the reason names the class, control characters escaped."""
    text = report_junit(report_on(labels, torn, model=torn), language)
    root = ET.fromstring(text.encode("utf-8"))  # noqa: S314 - our own
    messages = [one.attrib["message"] for one in root.iter("failure")]
    assert any(quote(label) in messages[-1] for label in labels[:2])
    assert not has_control(text)


@settings(max_examples=40)
@given(ODD_VOCABS, ODD_NAMES, AUDIENCES)
def test_gradescope_gets_json_without_html(
    labels: tuple[str, ...], torn: str, audience: Audience
) -> None:
    """What is drawn as Markdown holds no tag; the rest is marked as plain text."""
    found = json.loads(
        report_gradescope(edition(report_on(labels, torn, model=torn), audience), ENGLISH)
    )
    assert "<" not in found["output"]
    assert {one["output_format"] for one in found["tests"]} == {"text"}
    assert {one["name_format"] for one in found["tests"]} == {"text"}


@settings(max_examples=4)  # matplotlib is slower
@given(ODD_VOCABS)
def test_any_name_can_be_drawn(labels: tuple[str, ...]) -> None:
    """Without a warning, since those are errors here."""
    files = figure_files(report_on(labels), ENGLISH)
    svgs = [content for name, content in files.items() if name.endswith("svg")]
    assert [ET.fromstring(content).tag for content in svgs] == [  # noqa: S314 - our own
        "{http://www.w3.org/2000/svg}svg"
    ] * len(svgs)


@given(st.text())
def test_a_quoted_name_holds_no_control_character(name: str) -> None:
    """Not even a lone surrogate, so that it can be written in UTF-8."""
    shown = quote(name)
    shown.encode("utf-8")
    assert not [char for char in shown if unicodedata.category(char)[0] == "C"]


@given(st.text())
def test_a_decomposed_label_equals_the_composed_one(name: str) -> None:
    """What macOS makes of a folder's name is the same class."""
    composed, decomposed = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert label_key(composed) == label_key(decomposed) == label_key(name)


@given(VOCABS, NAMES)
def test_a_students_edition_names_no_file(labels: tuple[str, ...], torn: str) -> None:
    """Not in any form that is text."""
    report = edition(report_on(labels, f"{torn}-zq9x"), "student")
    forms = [report_json(report), report_markdown(report, ENGLISH), report_junit(report, ENGLISH)]
    forms.append(report_gradescope(report, ENGLISH))
    assert [form for form in forms if "zq9x" in form or ".png" in form] == []
