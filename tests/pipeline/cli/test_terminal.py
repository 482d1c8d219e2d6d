"""Progress on a terminal."""

from io import StringIO

from rich.console import Console
from rich.progress import Progress

from pipeline.cli.terminal import columns, listener_of, terminal_listener
from pipeline.progress import Milestone


class Screen:
    """A terminal of which nothing is drawn by itself, and a clock that stands still."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.console = Console(file=StringIO(), width=100, color_system=None)
        self.progress = Progress(
            *columns(), console=self.console, auto_refresh=False, get_time=lambda: self.now_s
        )

    def shown(self) -> str:
        """What is drawn of the running step at this moment."""
        with self.console.capture() as captured:
            self.console.print(self.progress.get_renderable())
        return captured.get()


def test_the_running_step_is_shown_with_its_time() -> None:
    """Without a bar, as long as it has not said how far it has come."""
    screen = Screen()
    report = listener_of(screen.progress)
    report("Second stage ...")
    screen.now_s += 75
    assert "Second stage" in screen.shown()
    assert "0:01:15" in screen.shown()
    assert "left" not in screen.shown()


def test_the_time_left_is_counted_down_from_a_milestone() -> None:
    """The count stops at zero."""
    screen = Screen()
    report = listener_of(screen.progress)
    report("Second stage ...")
    report(Milestone("epoch 1/4", n_done=1, n_all=4, left_s=90.0))
    assert "about 0:01:30 left" in screen.shown()
    assert "━━━━━" in screen.shown()
    screen.now_s += 60
    assert "about 0:00:30 left" in screen.shown()
    screen.now_s += 60
    assert "about 0:00:00 left" in screen.shown()


def test_a_new_step_begins_anew() -> None:
    """With neither the time nor the milestone of the one before."""
    screen = Screen()
    report = listener_of(screen.progress)
    report("First stage ...")
    report(Milestone("epoch 1/4", n_done=1, n_all=4, left_s=90.0))
    screen.now_s += 60
    report("Exporting ...")
    assert "First stage" not in screen.shown()
    assert "0:00:00" in screen.shown()
    assert "left" not in screen.shown()


def test_every_line_is_printed() -> None:
    """Milestones too, above the running step."""
    text = StringIO()
    with terminal_listener(Console(file=text, width=100, force_terminal=True)) as report:
        report("[bold] photos")
        report(Milestone("epoch 1/4", n_done=1, n_all=4, left_s=90.0))
    assert "[bold] photos" in text.getvalue()
    assert "epoch 1/4" in text.getvalue()
