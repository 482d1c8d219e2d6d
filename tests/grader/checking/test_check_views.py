import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from grader.checking.check_views import check_json, check_text
from grader.checking.results import CheckItem, CheckResult, Status
from grader.results.report import GradeReport, SpecInfo
from tests.factories import make_report, make_rubric

ADVICE = "fix it"


def make_result(*statuses: Status, report: GradeReport | None = None) -> CheckResult:
    """A result with one item for each status."""
    items = tuple(
        CheckItem(
            name="classes",
            status=status,
            said=f"said {number}",
            advice="" if status == "ok" else ADVICE,
        )
        for number, status in enumerate(statuses)
    )
    spec = SpecInfo(name="small", version="1.0.0")
    return CheckResult(path=Path("models/mine.pkl"), spec=spec, items=items, report=report)


def lines_of(result: CheckResult, *, width: int = 80) -> list[str]:
    """What is printed on a console of this width, line by line without trailing spaces."""
    file = io.StringIO()
    Console(file=file, width=width).print(check_text(result))
    return [line.rstrip() for line in file.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("statuses", "last_line"),
    [
        (["ok"], "Ready to hand in."),
        (["ok", "warning"], "Ready to hand in. Read the warning first."),
        (["warning", "warning"], "Ready to hand in. Read the 2 warnings first."),
        (["fault", "warning"], "Not yet: fix the fault above."),
        (["fault", "ok", "fault"], "Not yet: fix the 2 faults above."),
    ],
)
def test_the_last_line_says_whether_to_hand_it_in(statuses: list[Status], last_line: str) -> None:
    """Warnings stop nobody, faults do."""
    assert lines_of(make_result(*statuses))[-1] == last_line


def test_each_item_stands_with_its_status_name_and_advice() -> None:
    """In the order in which they were looked at, under the names of model and spec."""
    assert lines_of(make_result("ok", "fault"))[:4] == [
        "mine.pkl for small 1.0.0",
        "ok     classes  said 0",
        "fault  classes  said 1",
        "                what to do: fix it",
    ]


def test_rules_of_the_rubric_stand_with_what_was_found() -> None:
    """As the instructor will see them."""
    report = make_report(rubric=make_rubric("accuracy >= 0.9", "accuracy >= 0.5"))
    lines = lines_of(make_result("fault", report=report))

    assert "accuracy >= 0.9  not met  0.75  0 / 1" in lines
    assert "accuracy >= 0.5  met      0.75  1 / 1" in lines
    assert lines[-1] == "It can be graded, but it is below the rubric on these images."


def test_names_from_a_file_are_shown_as_plain_text() -> None:
    """No markup of rich, no control characters."""
    item = CheckItem(name="classes", status="warning", said="[red]x\x1b[2K", advice="[b]y")
    result = CheckResult(
        path=Path("m.pkl"), spec=SpecInfo(name="s", version="1.0.0"), items=(item,), report=None
    )

    text = "\n".join(lines_of(result))

    assert r"[red]x\x1b[2K" in text
    assert "what to do: [b]y" in text


@pytest.mark.parametrize("graded", [False, True])
def test_json_holds_outcome_items_and_report(*, graded: bool) -> None:
    """For the programs that a course runs."""
    report = make_report(rubric=make_rubric("accuracy >= 0.9")) if graded else None
    document = json.loads(check_json(make_result("ok", "fault", report=report)))

    assert document["path"] == "models/mine.pkl"
    assert document["spec"] == {"name": "small", "version": "1.0.0"}
    assert document["outcome"] == ("below the rubric" if graded else "refused")
    assert [one["status"] for one in document["items"]] == ["ok", "fault"]
    assert (document["report"] is not None) is graded
