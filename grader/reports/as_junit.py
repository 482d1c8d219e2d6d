"""The rubric as JUnit XML, which CI systems show as tests: each criterion is a test case.

The main numbers are properties of the suite. A report without a spec has no test cases.
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from grader.reports.headline import finding, outcome
from grader.results.report import GradeReport, Verdict
from grader.words.language import Language
from grader.words.verdicts import verdict_reason
from hidden_test_spec.errors import plain


def report_junit(report: GradeReport, language: Language) -> str:
    """The document, ending in a newline. It has no time stamp, so it is the same every time."""
    name = "grader" if report.spec is None else f"{report.spec.name} {report.spec.version}"
    n_failures = sum(not verdict.passed for verdict in report.verdicts)
    counts = {
        "tests": str(len(report.verdicts)),
        "failures": str(n_failures),
        "errors": "0",
        "time": f"{report.engine.wall_s:.3f}",
    }
    root = ET.Element("testsuites", {"name": "grader", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": plain(name), **counts, "skipped": "0"})
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(report):
        ET.SubElement(properties, "property", {"name": key, "value": plain(value)})
    for verdict in report.verdicts:
        _add_case(suite, verdict, suite_name=plain(name), language=language)
    said = [outcome(report, language), finding(report, language)]
    out = ET.SubElement(suite, "system-out")
    out.text = " ".join(sentence for sentence in said if sentence is not None)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add_case(suite: ET.Element, verdict: Verdict, *, suite_name: str, language: Language) -> None:
    facts = {"name": plain(verdict.criterion), "classname": suite_name, "time": "0.000"}
    case = ET.SubElement(suite, "testcase", facts)
    if not verdict.passed:
        message = verdict_reason(verdict, language)
        failure = ET.SubElement(case, "failure", {"message": message, "type": "criterion not met"})
        failure.text = message


def _properties(report: GradeReport) -> Iterator[tuple[str, str]]:
    """Names and values that a dashboard may plot; numbers keep all their digits."""
    metrics, grade, comparison = report.scores.metrics, report.grade, report.comparison
    yield "audience", report.audience
    yield "model.sha256", report.model.sha256
    yield "n_images", str(report.test_set.n_images)
    yield "n_correct", str(metrics.n_correct)
    for key in ("accuracy", "loss", "balanced_accuracy", "macro_f1", "brier", "ece"):
        yield key, repr(getattr(metrics, key))
    if grade is not None:
        yield "grade.points", repr(grade.points)
        yield "grade.points_possible", repr(grade.points_possible)
        yield "grade.passed", str(grade.passed).lower()
    if comparison is not None:
        for key in ("accuracy_change", "loss_change", "n_regressions", "n_improvements", "churn"):
            yield f"comparison.{key}", repr(getattr(comparison, key))
        yield "comparison.mcnemar_p", repr(comparison.mcnemar.p_value)
