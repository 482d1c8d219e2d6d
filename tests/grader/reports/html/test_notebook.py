"""What a notebook shows of a report."""

import re
from pathlib import Path

import pytest

from grader.reports.html.notebook import MAX_MATRIX_CLASSES, notebook_html, shown
from grader.results.editions import edition
from grader.results.report import GradeReport
from grader.words.language import language_of
from tests.factories import make_report, make_rubric
from tests.grader.reports.drawn import drawn
from tests.grader.reports.pages import Page

REPORT = make_report(baseline=(0, 0, 0, 1), rubric=make_rubric("accuracy >= 0.5"))


def seen(report: GradeReport) -> str:
    """What can be read of it, with single spaces."""
    return " ".join(" ".join(Page(notebook_html(report)).texts).split())


def test_a_notebook_asks_the_report_itself() -> None:
    """By the method that IPython knows."""
    assert shown(REPORT)._repr_html_() == notebook_html(REPORT)


def test_the_verdict_comes_first_then_numbers_with_intervals() -> None:
    """The same order as on the page."""
    text = seen(REPORT)
    assert text.startswith("PASSED: 1 of 1 points. 3 of 4 images right: 75.0 %")
    assert "can't tell which of the two models is better" in text
    assert "accuracy 75.0 % 30.1 to 95.4 %" in text
    assert "robin 2 50.0 % 9.5 to 90.5 %" in text


def test_it_holds_no_script_and_no_photo(tmp_path: Path) -> None:
    """A notebook with many reports stays small."""
    page = Page(notebook_html(drawn(REPORT, tmp_path)))
    assert not {"script", "img", "link", "iframe", "form"} & page.elements.keys()
    assert len(notebook_html(REPORT)) < 20_000


def test_its_styles_reach_nothing_else_in_the_notebook() -> None:
    """Each rule begins at the report."""
    (style,) = Page(notebook_html(REPORT)).scripts
    selectors = [one.strip() for rule in re.findall(r"([^{}]+){", style) for one in rule.split(",")]
    assert len(selectors) > 10
    assert [one for one in selectors if not one.startswith(".grader-report")] == []


@pytest.mark.parametrize(
    ("n_classes", "is_drawn"), [(MAX_MATRIX_CLASSES, True), (MAX_MATRIX_CLASSES + 1, False)]
)
def test_a_matrix_of_many_classes_is_left_to_the_page(n_classes: int, *, is_drawn: bool) -> None:
    """And it says so."""
    report = make_report(labels=tuple(f"bird {number}" for number in range(n_classes)))
    assert ("Confusion matrix of the candidate" in seen(report)) is is_drawn
    assert ("Matrices of 31 classes are too large" in seen(report)) is not is_drawn


def test_a_student_edition_can_be_shown() -> None:
    """What it withholds is marked."""
    report = make_report(targets=(0,) * 6 + (1,), candidate=(0,) * 7, baseline=(0,) * 6 + (1,))
    text = seen(edition(report, "student"))
    assert "This is the student's edition." in text
    assert "withheld" in text


def test_it_speaks_spanish_on_request() -> None:
    """By default a notebook gets English."""
    text = notebook_html(REPORT, language_of("es"))
    assert 'lang="es"' in text
    assert "APROBADO: 1 de 1 puntos." in text
