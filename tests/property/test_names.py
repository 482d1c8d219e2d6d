"""Any name goes through every renderer, and comes back from those that a program reads."""

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from grader.reports.as_csv import predictions_csv
from grader.reports.as_json import report_json
from grader.reports.as_text import report_text
from grader.reports.plots import confusion_matrix_figure
from grader.results import GradeReport, UnreadableImage
from hidden_test_spec.errors import quote
from hidden_test_spec.labels import label_key
from tests.factories import make_report
from tests.property.strategies import NAMES, VOCABS


def report_on(labels: tuple[str, ...], torn: str = "torn") -> GradeReport:
    """A report in which names stand everywhere: classes, images, flips, an unreadable image."""
    return make_report(
        labels=labels,
        targets=(0, 1, 1),
        candidate=(0, 0, 1),
        baseline=(1, 1, 1),
        unreadable=(UnreadableImage(image=torn, reason=torn),),
    )


@given(VOCABS, NAMES)
def test_names_come_back_from_json(labels: tuple[str, ...], torn: str) -> None:
    """Of classes and of images, character by character, through UTF-8."""
    found = json.loads(report_json(report_on(labels, torn)).encode("utf-8"))
    assert found["test_set"]["classes"] == list(labels)
    assert found["test_set"]["unreadable"] == [{"image": torn, "reason": torn}]
    assert found["comparison"]["regressions"][0]["image"] == f"{labels[1]}/1.png"


@given(VOCABS, NAMES)
def test_names_come_back_from_csv(labels: tuple[str, ...], torn: str) -> None:
    """In a table whose rows all have the header's length."""
    report = report_on(labels, f"{labels[0]}/{torn}")
    text = predictions_csv(report).encode("utf-8").decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header[3 : 3 + len(labels)] == [f"probability[{label}]" for label in labels]
    assert [row[:2] for row in rows] == [[one.name, one.label] for one in report.test_set.images]
    assert {len(row) for row in rows} == {len(header)}


@settings(max_examples=40)  # rich is slow
@given(VOCABS, NAMES)
def test_no_name_puts_a_control_character_into_the_text(labels: tuple[str, ...], torn: str) -> None:
    """Only the report's own line ends are left."""
    text = io.StringIO()
    console = Console(width=120, file=text, force_terminal=False, legacy_windows=False)
    console.print(report_text(report_on(labels, torn)))
    categories = {char: unicodedata.category(char) for char in set(text.getvalue()) - {"\n"}}
    assert not [char for char, category in categories.items() if category[0] == "C"]


@pytest.mark.filterwarnings("ignore:.*Glyph:UserWarning")  # a font can't draw every script
@pytest.mark.filterwarnings("ignore:.*Matplotlib currently does not support:UserWarning")
@settings(max_examples=8)
@given(VOCABS)
def test_any_name_can_be_drawn(labels: tuple[str, ...]) -> None:
    """Whatever the name, the figure is a PNG."""
    matrix = report_on(labels).scores.confusion_matrix
    picture = io.BytesIO()
    confusion_matrix_figure(matrix, title=labels[0]).savefig(picture, dpi=40)
    assert picture.getvalue().startswith(b"\x89PNG")


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
