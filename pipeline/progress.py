"""How long work reports its progress: lines of text to a listener. Prints nothing itself."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Self, TypeVar

Report = Callable[[str], None]

BEGINS = " ..."
_TICK_S = 0.25
_One = TypeVar("_One")


class Milestone(str):
    """A line that also tells a listener that draws progress how far the running step has come.

    Attributes:
        n_done: How many of the things counted by the step are done.
        n_all: How many there are.
        left_s: How long the rest is expected to take.
    """

    __slots__ = ("left_s", "n_all", "n_done")

    n_done: int
    n_all: int
    left_s: float

    def __new__(cls, line: str, *, n_done: int, n_all: int, left_s: float) -> Self:
        """The line with its numbers."""
        made = super().__new__(cls, line)
        made.n_done, made.n_all, made.left_s = n_done, n_all, left_s
        return made


class Tick(Milestone):
    """Where the running step stands just now; the next one takes its place.

    A terminal draws it over the one before. A log wants one only now and then.

    Attributes:
        every_s: How often a log wants one.
    """

    __slots__ = ("every_s",)

    every_s: float

    def __new__(
        cls, line: str, *, n_done: int, n_all: int, left_s: float, every_s: float = 10.0
    ) -> Self:
        """The line with its numbers; what counts nothing has 0 of 0."""
        made = super().__new__(cls, line, n_done=n_done, n_all=n_all, left_s=left_s)
        made.every_s = every_s
        return made


def log_listener(write: Callable[[str], None], clock: Callable[[], float]) -> Report:
    """A listener that writes each line, and a tick only where it is time for one."""
    written = clock()

    def report(line: str) -> None:
        nonlocal written
        if isinstance(line, Tick) and clock() - written < line.every_s:
            return
        written = clock()
        write(line)

    return report


def counted(items: Iterable[_One], n_all: int, title: str, report: Report) -> Iterator[_One]:
    """The items, while ticks tell how many are done and how long the rest will take."""
    tell = counter(n_all, title, report)
    for n_done, one in enumerate(items, start=1):
        yield one
        tell(n_done)


def counter(n_all: int, title: str, report: Report) -> Callable[[int], None]:
    """Takes how many things are done, and reports ticks of it, a few times a second at most."""
    start = told = time.perf_counter()

    def tell(n_done: int) -> None:
        nonlocal told
        now = time.perf_counter()
        if now - told < _TICK_S or n_done >= n_all:
            return
        told = now
        left_s = (now - start) / n_done * (n_all - n_done)
        line = f"{title}: {n_done} of {n_all}, about {left_s:.0f} s left"
        report(Tick(line, n_done=n_done, n_all=n_all, left_s=left_s))

    return tell


@contextmanager
def heartbeat(report: Report, *, every_s: float) -> Iterator[Report]:
    """A listener like `report` that is never silent for longer, whatever is waited for.

    While nothing is reported, ticks repeat the last line with the time since then. It may be called
    by several threads.
    """
    pulse = _Pulse(report, every_s)
    beating = threading.Thread(target=pulse.beat, daemon=True)
    beating.start()
    try:
        yield pulse.report
    finally:
        pulse.stop.set()
        beating.join()


class _Pulse:
    def __init__(self, report: Report, every_s: float) -> None:
        self.stop = threading.Event()
        self._report = report
        self._every_s = every_s
        self._lock = threading.Lock()
        self._last = "Starting"
        self._since = self._heard = time.monotonic()

    def report(self, line: str) -> None:
        with self._lock:
            self._report(line)
            self._last, self._since = line.removesuffix(BEGINS), time.monotonic()
            self._heard = self._since

    def beat(self) -> None:
        while not self.stop.wait(self._every_s / 8):
            with self._lock:
                now = time.monotonic()
                if now - self._heard >= self._every_s * 0.75:
                    self._heard = now
                    line = f"{self._last}, {now - self._since:.0f} s so far"
                    self._report(Tick(line, n_done=0, n_all=0, left_s=0.0, every_s=0.0))


@contextmanager
def step(title: str, report: Report) -> Iterator[None]:
    """Report that a step begins (a line that ends with `BEGINS`), and how long it took."""
    report(f"{title}{BEGINS}")
    start = time.perf_counter()
    yield
    report(f"{title}: done in {time.perf_counter() - start:.1f} s")
