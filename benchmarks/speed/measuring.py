"""Runs one program and measures all of its processes: time, processor time and memory."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LOOKS_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a program took.

    Attributes:
        wall_s: By the clock, from the shell to its end.
        cpu_s: Of the processor, over all processes.
        peak_bytes: The most memory that all processes had together, shared pages counted once; 0
            where the system can't say.
        load: How busy the machine was meanwhile: the mean length of its queue over a minute.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    load: float


def measure(arguments: Sequence[str], *, accepts: tuple[int, ...] = (0,)) -> Measured:
    """Run `python ARGUMENTS`.

    Raises:
        RuntimeError: If it exits with a code that isn't accepted.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, "-W", "ignore", *arguments]
    peak_bytes = 0
    with subprocess.Popen(  # noqa: S603 - our own programs
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        while process.poll() is None:
            peak_bytes = max(peak_bytes, sum(map(_memory_of, _family(process.pid))))
            time.sleep(_LOOKS_EVERY_S)
        wall_s = time.perf_counter() - start
        said = b"" if process.stderr is None else process.stderr.read()
    if process.returncode not in accepts:
        raise RuntimeError(f"{arguments} ended with {process.returncode}: {said.decode()[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Measured(
        wall_s=wall_s,
        cpu_s=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        peak_bytes=peak_bytes,
        load=os.getloadavg()[0],
    )


def _family(process: int) -> list[int]:
    """A process with all that it has started, directly or not."""
    found = [process]
    for one in found:
        try:
            tasks = list(Path(f"/proc/{one}/task").glob("*/children"))
            found += [int(child) for path in tasks for child in path.read_text().split()]
        except OSError:
            continue
    return found


def _memory_of(process: int) -> int:
    """Resident memory, of which pages that others share are counted in part."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
