"""The rubric as JUnit XML: what CI systems expect, and nothing that XML can't hold."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from grader.reports.as_junit import report_junit
from grader.results.editions import edition
from grader.results.report import GradeReport, SpecInfo
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report, make_rubric

GRADED = make_report(
    targets=(0,) * 6 + (1,) * 5,
    candidate=(0,) * 5 + (1,) * 6,
    baseline=(0,) * 6 + (1,) * 4 + (0,),
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.9 in every class", "loss <= 9"),
)
# What the schema that Jenkins publishes asks of each element, and what it lets be.
REQUIRED = {
    "testsuites": set(),
    "testsuite": {"name"},
    "testcase": {"name", "classname"},
    "property": {"name", "value"},
    "failure": set(),
}
ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "properties": set(),
    "property": {"name", "value"},
    "failure": {"message", "type"},
    "system-out": set(),
}
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase", "system-out"],
    "testcase": ["failure"],
    "properties": ["property"],
}


def parsed(report: GradeReport) -> ET.Element:
    """The document, as a program reads it from UTF-8."""
    return ET.fromstring(report_junit(report, ENGLISH).encode("utf-8"))  # noqa: S314 - our own


def suite_of(report: GradeReport) -> ET.Element:
    """Its only suite."""
    (suite,) = parsed(report)
    return suite


def properties_of(report: GradeReport) -> dict[str, str]:
    """The numbers for dashboards."""
    found = suite_of(report).iterfind("properties/property")
    return {one.attrib["name"]: one.attrib["value"] for one in found}


@pytest.mark.parametrize("report", [GRADED, make_report()], ids=["graded", "bare"])
def test_the_document_keeps_the_rules_of_junit(report: GradeReport) -> None:
    """Elements, their order and their attributes."""
    for element in parsed(report).iter():
        names = set(element.attrib)
        assert REQUIRED.get(element.tag, set()) <= names <= ALLOWED[element.tag]
        tags = list(dict.fromkeys(child.tag for child in element))
        order = CHILDREN.get(element.tag, [])
        assert tags == [tag for tag in order if tag in tags]


def test_a_criterion_is_a_test_case() -> None:
    """In the rubric's order, under the spec's name."""
    cases = suite_of(GRADED).findall("testcase")
    assert [case.attrib["name"] for case in cases] == [
        "accuracy >= 0.5",
        "recall >= 0.9 in every class",
        "loss <= 9",
    ]
    assert {case.attrib["classname"] for case in cases} == {"small 1.0.0"}


def test_a_criterion_that_is_not_met_fails_with_its_reason() -> None:
    """The others pass, and the counts agree."""
    suite = suite_of(GRADED)
    failures = [case.find("failure") for case in suite.iterfind("testcase")]
    assert [failure is not None for failure in failures] == [False, True, False]
    assert failures[1] is not None
    reason = 'The value is 0.833333 in the worst class, "robin"; 0.9 is required.'
    assert failures[1].attrib["message"] == failures[1].text == reason
    counts = (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["errors"])
    assert counts == ("3", "1", "0")


def test_a_report_without_a_spec_has_no_test_cases() -> None:
    """But its numbers."""
    assert suite_of(make_report()).findall("testcase") == []
    assert properties_of(make_report())["accuracy"] == "0.75"


def test_main_numbers_are_properties() -> None:
    """With all their digits; the comparison's where there is a baseline."""
    found = properties_of(GRADED)
    assert found["loss"] == repr(GRADED.scores.metrics.loss)
    assert (found["audience"], found["grade.passed"]) == ("instructor", "false")
    assert found["comparison.n_regressions"] == "1"
    assert not [name for name in properties_of(make_report()) if name.startswith("comparison")]


def test_a_students_edition_tells_no_withheld_value() -> None:
    """The class that decided had too few images."""
    report = make_report(
        targets=(0,) * 8 + (1,) * 3,
        candidate=(0,) * 9 + (1,) * 2,
        rubric=make_rubric("recall >= 0.9 in every class"),
    )
    failure = suite_of(edition(report, "student")).find("testcase/failure")
    assert failure is not None
    reason = "The value is withheld, as it rests on too few images; the rule is not met."
    assert failure.attrib["message"] == reason


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x0b", "\ufffe", "\ud800", "\u202e"])
def test_what_xml_can_not_hold_is_escaped(char: str) -> None:
    """In names of classes, of the spec and of a criterion."""
    report = make_report(
        labels=(f"a{char}b", "wren"), rubric=make_rubric("recall >= 1 in every class")
    )
    verdict = replace(report.verdicts[0], criterion=f"be {char} good")
    report = replace(report, spec=SpecInfo(name=f"s{char}", version="<1>"), verdicts=(verdict,))
    text = report_junit(report, ENGLISH)
    case = suite_of(report).find("testcase")
    assert case is not None
    assert case.attrib["name"] == f"be {char.encode('unicode_escape').decode()} good"
    assert char not in text


def test_messages_are_in_the_readers_language() -> None:
    """The criterion is the spec's own text."""
    text = report_junit(GRADED, language_of("es"))
    assert "en la peor clase, &quot;robin&quot;; se pedía 0,9." in text
    assert "POR DEBAJO DE LA RÚBRICA: 2 de 3 puntos." in text


def test_it_is_the_same_every_time() -> None:
    """There is no time stamp."""
    assert report_junit(GRADED, ENGLISH) == report_junit(GRADED, ENGLISH)
    assert "timestamp" not in report_junit(GRADED, ENGLISH)
