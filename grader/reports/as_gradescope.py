"""The report as Gradescope's results.json: each criterion is a test with points.

Students see this file. An instructor's edition adds tests about individual images, which are hidden
from students; Gradescope then hides the total too. The rest is always the student's edition.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from grader.errors import BadInputError
from grader.reports.as_markdown import report_markdown
from grader.reports.comparison_tables import image_tables
from grader.reports.tables import TextTable
from grader.results.editions import edition
from grader.results.report import Grade, GradeReport, Verdict
from grader.words.language import Language
from grader.words.metrics import metric_name
from grader.words.verdicts import verdict_reason
from hidden_test_spec.errors import plain

_JsonObject: TypeAlias = dict[str, Any]
_Visibility: TypeAlias = Literal["hidden", "after_due_date", "after_published", "visible"]
_MAX_IMAGES = 200


def report_gradescope(report: GradeReport, language: Language) -> str:
    """The JSON document, ending in a newline.

    Raises:
        BadInputError: If the report has no grade, since Gradescope needs a score; or if students
            may not see even its numbers.
    """
    if report.grade is None:
        raise BadInputError(
            what="Gradescope needs points, but this report has no grade",
            where=report.model.path,
            advice="grade with --spec",
        )
    document = _document(report, report.grade, language)
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _document(report: GradeReport, grade: Grade, language: Language) -> _JsonObject:
    seen = edition(report, "student")
    images = image_tables(report, language, n_most=_MAX_IMAGES)
    return {
        "score": grade.points,
        "execution_time": report.engine.wall_s,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "output": report_markdown(seen, language),
        "output_format": "md",
        "tests": [
            *(_criterion_test(verdict, language) for verdict in seen.verdicts),
            *(_images_test(table) for table in images),
        ],
        "leaderboard": list(_leaderboard(report, language)),
        "extra_data": {
            "audience": report.audience,
            "model_sha256": report.model.sha256,
            "points_possible": grade.points_possible,
            "passed": grade.passed,
        },
    }


def _criterion_test(verdict: Verdict, language: Language) -> _JsonObject:
    return {
        "score": verdict.points,
        "max_score": verdict.points_possible,
        "status": "passed" if verdict.passed else "failed",
        **_words(plain(verdict.criterion), verdict_reason(verdict, language), visibility="visible"),
    }


def _images_test(table: TextTable) -> _JsonObject:
    """A table of individual images, which only instructors see; it has no score."""
    lines = ["\t".join(row) for row in (table.columns, *table.rows)]
    return _words(table.title, "\n".join(lines), visibility="hidden")


def _words(name: str, output: str, *, visibility: _Visibility) -> _JsonObject:
    """Name and output as plain text, which Gradescope escapes."""
    return {
        "name": name,
        "name_format": "text",
        "output": output,
        "output_format": "text",
        "visibility": visibility,
    }


def _leaderboard(report: GradeReport, language: Language) -> Iterator[_JsonObject]:
    metrics = report.scores.metrics
    yield {"name": metric_name("accuracy", language), "value": metrics.accuracy, "order": "desc"}
    value = metrics.balanced_accuracy
    yield {"name": metric_name("balanced_accuracy", language), "value": value, "order": "desc"}
    yield {"name": metric_name("loss", language), "value": metrics.loss, "order": "asc"}
