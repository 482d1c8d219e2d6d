"""Lines of progress."""

import re
import time

import pytest

from pipeline.progress import Milestone, Tick, counted, heartbeat, step


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


def test_counted_items_come_with_ticks_of_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """No tick for the last one: then the step is over."""
    monkeypatch.setattr("pipeline.progress._TICK_S", 0.0)
    lines: list[str] = []
    assert list(counted("abc", 3, "Looking", lines.append)) == ["a", "b", "c"]
    assert [(line.n_done, line.n_all) for line in lines if isinstance(line, Tick)] == [
        (1, 3),
        (2, 3),
    ]
    assert re.fullmatch(r"Looking: 1 of 3, about \d+ s left", lines[0])


def test_a_heartbeat_speaks_where_nobody_else_does() -> None:
    """It repeats what was said last, with the time since then, until the block ends."""
    lines: list[str] = []
    with heartbeat(lines.append, every_s=0.05) as report:
        report("Asking ...")
        time.sleep(0.5)
    assert lines[0] == "Asking ..."
    assert len(lines) > 3
    assert re.fullmatch(r"Asking, \d+ s so far", lines[1])
    n_lines = len(lines)
    time.sleep(0.1)
    assert len(lines) == n_lines
