"""Progress on a terminal: the running step and its time, and how far along it is if it says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console, RenderableType
from rich.progress import (
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress_bar import ProgressBar
from rich.text import Text

from pipeline.progress import BEGINS, Milestone, Report, Tick

_BAR_WIDTH = 20


class _MilestoneColumn(ProgressColumn):
    """A bar over what a step counts; nothing before its first milestone."""

    def render(self, task: Task) -> RenderableType:
        """What to draw for a task."""
        found: Milestone | None = task.fields.get("milestone")
        if found is None or not found.n_all:
            return Text("")
        return ProgressBar(total=found.n_all, completed=found.n_done, width=_BAR_WIDTH)


class _TimeLeftColumn(ProgressColumn):
    """The time that the rest is expected to take, counted down from the last milestone."""

    def render(self, task: Task) -> Text:
        """What to draw for a task."""
        ends_at: float | None = task.fields.get("ends_at")
        if ends_at is None:
            return Text("")
        left_s = max(0, round(ends_at - task.get_time()))
        return Text(f"about {timedelta(seconds=left_s)} left")


def columns() -> tuple[ProgressColumn, ...]:
    """The columns shown for the running step, from left to right."""
    return (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        _MilestoneColumn(),
        TimeElapsedColumn(),
        _TimeLeftColumn(),
    )


@contextmanager
def terminal_listener(console: Console) -> Iterator[Report]:
    """A listener that draws the running step below the lines that it hears."""
    # rich moves what libraries print above the running step, so that nothing is drawn over it.
    with Progress(*columns(), console=console, transient=True) as progress:
        yield listener_of(progress)


def listener_of(progress: Progress) -> Report:
    """A listener that prints each line, and keeps the one task of a display up to date."""
    running = progress.add_task("Starting", total=None)

    def report(line: str) -> None:
        nonlocal running
        if isinstance(line, Tick):
            _draw(progress, running, line)
            return
        progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
        if line.endswith(BEGINS):
            progress.remove_task(running)
            running = progress.add_task(line.removesuffix(BEGINS), total=None)
        elif isinstance(line, Milestone):
            progress.update(running, milestone=line, ends_at=progress.get_time() + line.left_s)

    return report


def _draw(progress: Progress, running: TaskID, tick: Tick) -> None:
    """Show a tick in the place of the one before; what counts nothing keeps its title."""
    if tick.n_all:
        ends_at = progress.get_time() + tick.left_s
        progress.update(running, milestone=tick, ends_at=ends_at, description=_title(tick))


def _title(tick: Tick) -> str:
    """A tick's line without the time left, which has a column of its own."""
    return tick.partition(", about ")[0]
