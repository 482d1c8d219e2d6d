"""The report as Gradescope's results.json: its fields, its values, and what students see of it."""

import json
from typing import Any

import jsonschema
import pytest

from grader.errors import BadInputError
from grader.reports.as_gradescope import report_gradescope
from grader.reports.as_markdown import report_markdown
from grader.results.editions import edition
from grader.results.presentation import Audience
from grader.results.report import GradeReport, ImageRecord
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report, make_rubric

TORN = ImageRecord(name="robin/torn.png", label="robin", sha256="f" * 64, unreadable="cut short")
GRADED = make_report(
    targets=(0,) * 8 + (1,) * 3,
    candidate=(0,) * 9 + (1,) * 2,
    baseline=(0,) * 8 + (1,) * 3,
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.9 in every class", points=2),
    unreadable=(TORN,),
)
# What Gradescope's documentation of autograders lists, and nothing else.
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
RESULTS: dict[str, Any] = {
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "visibility": VISIBILITY,
                },
            },
        },
        "leaderboard": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "value": {"type": ["number", "string"]},
                    "order": {"enum": ["asc", "desc"]},
                },
            },
        },
    },
}


def results_of(report: GradeReport) -> dict[str, Any]:
    """The document, as Gradescope reads it."""
    found: dict[str, Any] = json.loads(report_gradescope(report, ENGLISH))
    return found


@pytest.mark.parametrize("audience", ["instructor", "student"])
def test_fields_and_values_are_gradescopes(audience: Audience) -> None:
    """In both editions."""
    jsonschema.validate(results_of(edition(GRADED, audience)), RESULTS)


def test_the_score_is_the_points() -> None:
    """Of the grade, and of each criterion out of what it is worth."""
    found = results_of(edition(GRADED, "student"))
    assert found["score"] == 2.0
    assert [(one["score"], one["max_score"], one["status"]) for one in found["tests"]] == [
        (2.0, 2.0, "passed"),
        (0.0, 2.0, "failed"),
    ]
    assert found["execution_time"] == 0.5


def test_students_see_criteria_with_reasons() -> None:
    """As plain text, which Gradescope escapes."""
    first, second = results_of(edition(GRADED, "student"))["tests"]
    assert (first["name"], first["visibility"]) == ("accuracy >= 0.5", "visible")
    assert (first["name_format"], first["output_format"]) == ("text", "text")
    assert first["output"].startswith("The value is 0.909091; that meets the rule.")
    assert second["output"].startswith("The value is withheld")


def test_the_whole_report_is_the_output() -> None:
    """As Markdown, the student's edition; what was printed stays hidden."""
    found = results_of(GRADED)
    assert found["output"] == report_markdown(edition(GRADED, "student"), ENGLISH)
    formats = (found["output_format"], found["visibility"], found["stdout_visibility"])
    assert formats == ("md", "visible", "hidden")


def test_single_images_are_hidden_from_students() -> None:
    """In an instructor's edition; only the student's edition is visible there."""
    tests = results_of(GRADED)["tests"]
    hidden = [one for one in tests if one["visibility"] == "hidden"]
    assert [one["name"] for one in hidden] == [
        "Regressions (right before, wrong now)",
        "Images that can't be read",
    ]
    assert "wren/8.png" in hidden[0]["output"]
    student = results_of(edition(GRADED, "student"))
    assert [one for one in tests if one["visibility"] == "visible"] == student["tests"]
    assert ".png" not in json.dumps({**results_of(GRADED), "tests": student["tests"]})


def test_the_leaderboard_has_rows_with_an_order() -> None:
    """Higher is better, except for the loss."""
    metrics = GRADED.scores.metrics
    assert results_of(GRADED)["leaderboard"] == [
        {"name": "accuracy", "value": metrics.accuracy, "order": "desc"},
        {"name": "balanced accuracy", "value": metrics.balanced_accuracy, "order": "desc"},
        {"name": "loss (nats)", "value": metrics.loss, "order": "asc"},
    ]


def test_markup_in_names_stays_text() -> None:
    """The output is Markdown, where HTML would be drawn."""
    name = "<img src=x onerror=alert(1)>"
    report = make_report(
        labels=(name, "wren"),
        targets=(0,) * 6 + (1,) * 6,
        candidate=(0,) * 12,
        rubric=make_rubric("accuracy >= 0.9"),
    )
    output = results_of(report)["output"]
    assert "<" not in output
    assert "&lt;img src=x onerror=alert(1)>" in output


def test_a_report_without_a_grade_is_refused() -> None:
    """Gradescope needs a score, and an undefined one is not 0."""
    with pytest.raises(BadInputError, match="this report has no grade") as caught:
        report_gradescope(make_report(), ENGLISH)
    assert caught.value.advice == "grade with --spec"


def test_reasons_and_rows_are_in_the_readers_language() -> None:
    """The criterion is the spec's own text."""
    found = json.loads(report_gradescope(GRADED, language_of("es")))
    assert found["tests"][0]["output"] == "El valor es 0,909091; eso cumple la regla."
    assert found["leaderboard"][0]["name"] == "exactitud"
