"""What `check` says about an export, as rich text and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.checking.results import CheckItem, CheckResult
from grader.reports.document.writing import report_object
from grader.results.report import GradeReport
from hidden_test_spec.errors import plain
from hidden_test_spec.images import display_name

_STYLES = {"ok": "green", "warning": "yellow", "fault": "red"}
_UNDEFINED = "-"


def check_json(result: CheckResult) -> str:
    """The check as one JSON document, indented, ending in a newline."""
    document = {
        "path": display_name(str(result.path)),
        "spec": asdict(result.spec),
        "outcome": result.outcome,
        "items": [asdict(item) for item in result.items],
        "report": None if result.report is None else report_object(result.report),
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def check_text(result: CheckResult) -> RenderableType:
    """The check as rich text; its last line says whether to hand the export in."""
    title = f"{result.path.name} for {result.spec.name} {result.spec.version}"
    parts: list[RenderableType] = [Text(plain(title), style="bold"), _items(result)]
    if result.report is not None:
        parts += _criteria(result.report)
    return Group(*parts, Text(), _last_line(result))


def _items(result: CheckResult) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for overflow in ("ellipsis", "ellipsis", "fold"):
        table.add_column(overflow=overflow)
    for item in result.items:
        table.add_row(Text(item.status, style=_STYLES[item.status]), item.name, _said(item))
    return table


def _said(item: CheckItem) -> Text:
    text = Text(plain(item.said))
    if item.advice:
        text.append(f"\nwhat to do: {plain(item.advice)}")
    return text


def _criteria(report: GradeReport) -> Iterator[RenderableType]:
    """The rubric's rules and how they were judged on the given images."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for verdict in report.verdicts:
        found = _UNDEFINED if verdict.found is None else f"{verdict.found:.6g}"
        points = f"{verdict.points:g} / {verdict.points_possible:g}"
        outcome = Text("met", "green") if verdict.passed else Text("not met", "red")
        table.add_row(Text(verdict.criterion), outcome, found, points)
    yield Text("\nOn the given images", style="bold")
    yield table


def _last_line(result: CheckResult) -> Text:
    n_faults, n_warnings = (len(result.with_status(one)) for one in ("fault", "warning"))
    if result.outcome == "ready":
        also = f" Read {_counted(n_warnings, 'warning')} first." if n_warnings else ""
        return Text(f"Ready to hand in.{also}", style="bold green")
    if result.outcome == "below the rubric":
        return Text("It can be graded, but it is below the rubric on these images.", "bold yellow")
    return Text(f"Not yet: fix {_counted(n_faults, 'fault')} above.", style="bold red")


def _counted(n: int, noun: str) -> str:
    return f"the {noun}" if n == 1 else f"the {n} {noun}s"
