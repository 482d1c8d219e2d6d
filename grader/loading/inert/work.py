"""The work that one file may cost its reader: counted as it is done, and bounded.

A small file can ask for endless work, since its parts may be shared: one long list in ten thousand
places. So whoever goes through parts of a file says how many, and where the sum gets too large the
file is refused, whatever it is made of. Work is counted, not timed: the same file costs the same on
every machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from grader.loading.refusal import RefusedExportError

# The largest of 212 honest exports cost 133,000.
MAX_WORK = 3_000_000
CHARACTERS_PER_UNIT = 64


class _TooMuchWork(Exception):  # noqa: N818 - never leaves `bounded_work`, which makes a refusal of it
    """Passes through whatever collects the faults of single parts."""


class _Budget:
    """What is left of the work that one reading may do."""

    def __init__(self, limit: int) -> None:
        self.left = limit


_BUDGET: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def bounded_work(limit: int = MAX_WORK) -> Iterator[None]:
    """Bound the work that is done inside the block. A block inside another shares its budget.

    Args:
        limit: In units: a node, pair, item or lookup is one, a long text one for 64 characters.

    Raises:
        RefusedExportError: If more work was asked for.
    """
    if _BUDGET.get() is not None:
        yield
        return
    token = _BUDGET.set(_Budget(limit))
    try:
        yield
    except _TooMuchWork:
        raise RefusedExportError(
            what=f"reading it would take more than {limit} steps: its parts are repeated as no "
            "exporter repeats them",
            where="pickle",
        ) from None
    finally:
        _BUDGET.reset(token)


def spend(n_units: int) -> None:
    """Count work before it is done; outside of `bounded_work` nothing is counted."""
    budget = _BUDGET.get()
    if budget is None:
        return
    budget.left -= n_units
    if budget.left < 0:
        raise _TooMuchWork


def spend_on_text(text: str | bytes | bytearray) -> None:
    """Count the work of copying a text or looking through it."""
    spend(1 + len(text) // CHARACTERS_PER_UNIT)
