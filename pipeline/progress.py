"""How long work tells that it goes on: lines of text to whoever listens. Prints nothing itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[str], None]

BEGINS = " ..."


@contextmanager
def step(title: str, report: Report) -> Iterator[None]:
    """Report that a step begins (a line that ends with `BEGINS`), and how long it took."""
    report(f"{title}{BEGINS}")
    start = time.perf_counter()
    yield
    report(f"{title}: done in {time.perf_counter() - start:.1f} s")
