"""How long `grader --help` and `grader inspect` take: the median of warm, whole processes.

`python -m benchmarks.startup [MODEL.pkl]`; without a file it makes a resnet18 export of 46 MB.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One command, how long each of its runs took, and how long it may take."""

    name: str
    runs_s: tuple[float, ...]
    limit_s: float

    @property
    def median_s(self) -> float:
        """The median of the runs, in seconds."""
        return statistics.median(self.runs_s)


def time_command(name: str, args: Sequence[str], *, limit_s: float, n_runs: int) -> Timing:
    """Time `python -m grader ARGS` after one run that warms the caches.

    Raises:
        subprocess.CalledProcessError: If the command fails.
    """
    runs_s = []
    for _ in range(n_runs + 1):
        start = time.perf_counter()
        command = [sys.executable, "-m", "grader", *args]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        runs_s.append(time.perf_counter() - start)
    return Timing(name=name, runs_s=tuple(runs_s[1:]), limit_s=limit_s)


def time_startup(model: Path, *, n_runs: int) -> Iterator[Timing]:
    """Time both commands; the limits are what CONTRIBUTING.md promises."""
    yield time_command("grader --help", ["--help"], limit_s=0.5, n_runs=n_runs)
    size = f"{model.stat().st_size / 1e6:.0f} MB"
    inspect = ["inspect", str(model)]
    yield time_command(f"grader inspect, {size}", inspect, limit_s=1.0, n_runs=n_runs)


def show(timings: Sequence[Timing]) -> None:
    """Print the timings and the machine they were taken on."""
    table = Table("command", "median", "fastest", "slowest", "limit")
    for one in timings:
        cells = one.median_s, min(one.runs_s), max(one.runs_s), one.limit_s
        table.add_row(one.name, *(f"{seconds:.2f} s" for seconds in cells))
    console = Console()
    console.print(table)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    n_runs = len(timings[0].runs_s)
    console.print(
        f"{n_runs} warm runs each; {platform.system()}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores{load}"
    )


def main() -> int:
    """Time and print; exit with 1 if a median is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", type=Path, help="an export to inspect")
    parser.add_argument("--runs", type=int, default=5, help="how often each command is timed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or _resnet_export(Path(folder) / "resnet18.pkl")
        timings = tuple(time_startup(model, n_runs=arguments.runs))
    show(timings)
    return int(any(one.median_s > one.limit_s for one in timings))


def _resnet_export(path: Path) -> Path:
    from tests.grader.exports import export_resnet  # noqa: PLC0415 - imports fastai

    return export_resnet(path)


if __name__ == "__main__":
    sys.exit(main())
