"""Runs the fuzzer in rounds, each in its own process, and says how every round ended."""

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MAX_FILE_BYTES = 4096
ROUND_S = 120
ENGINE = ("-m", "acceptance.fuzzing.engine")

_MAX_FILE_S = 10
_MAX_MEMORY_MIB = 1024
_PATIENCE_S = 120
_SHOWN_LINES = 40
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a run keeps its files.

    Attributes:
        seeds: Valid exports, written before the first round.
        corpus: What the fuzzer found worth keeping: each file reaches something new.
        faults: Files that revealed a fault in the reading.
        log: Everything that the rounds wrote.
    """

    seeds: Path
    corpus: Path
    faults: Path
    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """When a round ends: after this many seconds, or this many new files if a number is given."""

    seconds: int
    n_inputs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round as it ended.

    Attributes:
        n_inputs: New files that were read; those of the corpus, read first, are not counted.
        seconds: From its start to its end.
        peak_mib: The peak memory of the process; None if it ended too early to say.
        fault: Why the round ended early, with the end of its log; empty if it didn't.
    """

    n_inputs: int
    seconds: float
    peak_mib: int | None
    fault: str


def run_round(ground: Ground, limit: Limit, *, engine: Sequence[str] = ENGINE) -> Round:
    """Fuzz in a separate process until the limit is reached, or until something is found.

    Args:
        ground: Its corpus grows.
        limit: When to end.
        engine: What Python runs.
    """
    n_known = sum(1 for folder in (ground.seeds, ground.corpus) for _ in folder.iterdir())
    n_runs = -1 if limit.n_inputs is None else limit.n_inputs + n_known
    command = [
        *(sys.executable, *engine, str(ground.corpus), str(ground.seeds)),
        *(f"-max_total_time={limit.seconds}", f"-runs={n_runs}"),
        *(f"-max_len={MAX_FILE_BYTES}", f"-timeout={_MAX_FILE_S}"),
        *(f"-rss_limit_mb={_MAX_MEMORY_MIB}", "-print_final_stats=1"),
        # Many changes to one file mostly fail at the first check; what reaches new code is kept.
        "-mutate_depth=2",
        f"-artifact_prefix={ground.faults}/",
    ]
    begin = time.monotonic()
    code, said = _logged(command, ground.log, limit.seconds + _PATIENCE_S)
    n_inputs = max((_figure("number_of_executed_units", said) or 0) - n_known, 0)
    return Round(
        n_inputs=n_inputs,
        seconds=time.monotonic() - begin,
        peak_mib=_figure("peak_rss_mb", said),
        fault="" if code == 0 and n_inputs else f"{_ending(code)}\n{_last_lines(said)}",
    )


def _logged(command: list[str], path: Path, timeout_s: int) -> tuple[int | None, str]:
    """The exit status, None if the command had to be stopped, and what was added to the log."""
    with path.open("a+", encoding="utf-8", errors="replace") as log:
        log.write(f"$ {shlex.join(command)}\n")
        log.flush()
        begin = log.tell()
        code = None
        with (
            tempfile.TemporaryDirectory(dir=_memory()) as scratch,
            suppress(subprocess.TimeoutExpired),
        ):
            code = subprocess.run(
                command,
                cwd=_ROOT,
                env=os.environ | {"TMPDIR": scratch},
                stdout=log,
                stderr=log,
                timeout=timeout_s,
                check=False,
            ).returncode
        log.seek(begin)
        return code, log.read()


def _memory() -> Path | None:
    """A folder in memory, if this system has one."""
    shared = Path("/dev/shm")  # noqa: S108 - only a folder of a random name is made below it
    return shared if shared.is_dir() else None


def _figure(name: str, said: str) -> int | None:
    found = re.search(rf"^stat::{name}: +(\d+)$", said, re.MULTILINE)
    return int(found[1]) if found else None


def _ending(code: int | None) -> str:
    if code is None:
        return "The round did not end in time and was ended."
    if code < 0:
        return f"The round was ended by {signal.Signals(-code).name}, from outside or for memory."
    return f"The round ended with exit code {code}." if code else "The round read no new file."


def _last_lines(said: str) -> str:
    lines = [line for line in said.splitlines() if not line.startswith(("#", "INFO:", "stat::"))]
    return "\n".join(lines[-_SHOWN_LINES:])
