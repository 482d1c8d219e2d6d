"""How a long grading shows its progress: a bar on a terminal, elsewhere a few plain lines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_N_PLAIN_LINES = 10


@contextmanager
def progress(
    say: Callable[[str], None], *, doing: str = "Grading", done: str = "Graded"
) -> Iterator[Callable[[int, int], None]]:
    """Show on stderr how many images are done.

    Args:
        say: Writes a line where there is no terminal to draw a bar on.
        doing: What is being done, shown beside the bar.
        done: What has been done, for a plain line.

    Yields:
        A function to call with the images done and the images in all.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_lines(say, done)
        return
    columns = (MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    text = TextColumn("{task.description}")
    with Progress(text, BarColumn(), *columns, console=console, transient=True) as bar:
        task = bar.add_task("Loading", total=None)

        def on_progress(n_done: int, n_total: int) -> None:
            bar.update(task, description=doing, completed=n_done, total=n_total)

        yield on_progress


def _plain_lines(say: Callable[[str], None], done: str) -> Callable[[int, int], None]:
    """A line for each tenth of the images, so that a log stays short."""
    n_said = 0

    def on_progress(n_done: int, n_total: int) -> None:
        nonlocal n_said
        n_tenths = n_done * _N_PLAIN_LINES // n_total
        if n_tenths > n_said:
            n_said = n_tenths
            say(f"{done} {n_done} of {n_total}")

    return on_progress
