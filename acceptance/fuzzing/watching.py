"""Watches a reading for what it must not do: import, run, open, or take much memory or time."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_CPU_S = 2.0
MAX_MEMORY_BYTES = 512 * 2**20

_PEAK_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
# What a reading may do besides opening its file, by the names of `sys.audit`.
_ALLOWED = frozenset({"builtins.id", "mmap.__new__"})


class ReadingFault(BaseException):
    """A reading did what it must not do; the text says what. `except Exception` misses it."""


@dataclass(slots=True)
class Watch:
    """Checks every reading against the limits.

    Attributes:
        path: The only file that may be opened.
    """

    path: Path
    _is_on: bool = field(default=False, init=False)

    def install(self) -> None:
        """Listen to the interpreter until the process ends; Python can't remove an audit hook."""
        sys.addaudithook(self._heard)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Watch one reading.

        Raises:
            ReadingFault: If it imports a module, does what no reading needs, takes more than
                `MAX_CPU_S`, or has brought the process above `MAX_MEMORY_BYTES`.
        """
        n_modules, begin, peak_before = len(sys.modules), time.process_time(), _peak_bytes()
        self._is_on = True
        try:
            yield
        finally:
            self._is_on = False
        cpu_s = time.process_time() - begin
        peak = _peak_bytes()
        if len(sys.modules) != n_modules:
            raise ReadingFault("a module was imported")
        if cpu_s > MAX_CPU_S:
            raise ReadingFault(f"one file took {cpu_s:.1f} s of the processor")
        # On Linux a process inherits the peak of the one that started it; only growth is its own.
        if peak > max(MAX_MEMORY_BYTES, peak_before):
            raise ReadingFault(f"memory went up to {peak // 2**20} MiB")

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._is_on or event in _ALLOWED:
            return
        if event != "open" or args[0] != str(self.path):
            raise ReadingFault(f"{event} was asked for, with {args!r:.200}")


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT_BYTES
