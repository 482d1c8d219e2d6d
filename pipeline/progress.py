"""How long work tells that it goes on: lines of text to whoever listens. Prints nothing itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[str], None]


@contextmanager
def step(title: str, report: Report) -> Iterator[None]:
    """Report that a step begins, and when it is done how many seconds it took."""
    report(f"{title} ...")
    start = time.perf_counter()
    yield
    report(f"{title}: done in {time.perf_counter() - start:.1f} s")
