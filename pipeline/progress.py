"""How long work reports its progress: lines of text to a listener. Prints nothing itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

Report = Callable[[str], None]

BEGINS = " ..."


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


@contextmanager
def step(title: str, report: Report) -> Iterator[None]:
    """Report that a step begins (a line that ends with `BEGINS`), and how long it took."""
    report(f"{title}{BEGINS}")
    start = time.perf_counter()
    yield
    report(f"{title}: done in {time.perf_counter() - start:.1f} s")
