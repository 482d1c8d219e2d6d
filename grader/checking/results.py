"""The values of a check: what was looked at, what was found, and what to do about it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from grader.results.report import GradeReport, SpecInfo
from hidden_test_spec.spec import Spec

Status: TypeAlias = Literal["ok", "warning", "fault"]
Outcome: TypeAlias = Literal["ready", "refused", "below the rubric"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What to check.

    Attributes:
        model: The export.
        spec: The contract that it must meet.
        data: A folder of images to grade on, DIR/<label>/<image>; None grades nothing.
        baseline: The first stage's export, for a rubric that compares; only used with `data`.
    """

    model: Path
    spec: Spec
    data: Path | None = None
    baseline: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One thing that was looked at.

    Attributes:
        name: What it is about, in one word.
        status: A fault would cost the grade; a warning may be intentional.
        said: What was found, as a clause without its full stop.
        advice: What to do about it, without its full stop; empty where there is nothing to do.
    """

    name: str
    status: Status
    said: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check found.

    Attributes:
        path: The export.
        spec: The contract.
        items: In the order in which they were looked at.
        report: The grade on the given images; None where none were given or none was possible.
    """

    path: Path
    spec: SpecInfo
    items: tuple[CheckItem, ...]
    report: GradeReport | None

    def with_status(self, status: Status) -> tuple[CheckItem, ...]:
        """The items of one status, in order."""
        return tuple(item for item in self.items if item.status == status)

    @property
    def outcome(self) -> Outcome:
        """What handing it in would lead to; "below the rubric" only where images were given."""
        if not self.with_status("fault"):
            return "ready"
        return "refused" if self.report is None else "below the rubric"
