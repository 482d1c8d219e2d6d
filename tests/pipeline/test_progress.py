"""Lines of progress."""

import re

import pytest

from pipeline.progress import Milestone, step


def test_a_step_reports_its_beginning_and_its_time() -> None:
    """Two lines: one before the work, one with the seconds after it."""
    lines: list[str] = []
    with step("Splitting", lines.append):
        assert lines == ["Splitting ..."]
    assert re.fullmatch(r"Splitting: done in \d+\.\d s", lines[1])


def test_a_milestone_is_a_line() -> None:
    """Code that only prints it needs to know nothing else."""
    milestone = Milestone("epoch 1/4", n_done=1, n_all=4, left_s=30.0)
    assert milestone == "epoch 1/4"
    assert (milestone.n_done, milestone.n_all, milestone.left_s) == (1, 4, 30.0)


def test_a_failed_step_is_not_reported_as_done() -> None:
    """An exception passes through, and no time is given."""
    lines: list[str] = []
    with pytest.raises(KeyError, match="lost"), step("Splitting", lines.append):
        raise KeyError("lost")
    assert lines == ["Splitting ..."]
