"""The second wall: a command that reads a student's file runs in a process of its own, in bounds.

The checks of `loading/` are the first wall. Whatever gets past them (a hang, memory, a crash of a
library, an error that nobody expected) ends the process that reads, and this one says that the file
is refused. The child is a fork of the command line before anything heavy is imported, so it costs
a few milliseconds; it prints and exits by itself, and nothing but its exit code is believed.
See docs/decisions/0005-walls.md.
"""

import gc
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import NoReturn

from grader.cli.bounds import Bounds
from grader.cli.console import INTERRUPTED, MODEL_REFUSED, say
from grader.errors import reason_of

_MIB = 2**20
_EXPECTED = frozenset((0, 2, 3, 4, 5, 6, INTERRUPTED))
_LOOKS_EVERY_S = 0.1
# On a busy machine a process waits for the processor.
_WALL_PER_CPU = 5
_LEAST_WALL_S = 30


@dataclass(frozen=True, slots=True)
class Guard:
    """The guarded process's side: it says which bounds it works in. Unguarded, it says nothing."""

    channel: int | None = None

    def step(self, bounds: Bounds) -> None:
        """Begin a step, which has its own processor time and wall time."""
        if self.channel is None:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + bounds.cpu_s
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        self._say({"bounds": asdict(bounds)})

    def confess(self, error: Exception) -> None:
        """Say which error nobody expected, and where it was raised."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(last.filename)}:{last.lineno}"  # noqa: PTH119 - only a name
        self._say({"fault": f"{type(error).__name__} in {place}: {reason_of(error)}"})

    def _say(self, message: dict[str, object]) -> None:
        if self.channel is not None:
            os.write(self.channel, json.dumps(message).encode() + b"\n")


def run_guarded(command: Callable[[Guard], object]) -> NoReturn:
    """Run a command in a child process within its bounds, and exit as it does.

    Args:
        command: Exits by itself with one of the documented codes. It is called in the child, and
            says what its bounds are before it opens a file.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    gc.freeze()  # so that collecting rubbish doesn't copy the pages that both processes share
    child = os.fork()
    if child:
        os.close(writing)
        code = _Watch(child, reading).until_it_ends()
        sys.stderr.flush()
        os._exit(code)  # There is nothing to tidy up, which would take a while.
    os.close(reading)
    guard = Guard(writing)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, _interrupt_once)
    try:
        command(guard)
    except ImportError:
        raise  # This installation is broken, whatever the file is.
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the file's doing
        guard.confess(error)
        os._exit(1)  # Libraries may be in any state now, and nothing is left to write.
    sys.exit(0)


def _interrupt_once(_number: int, _frame: FrameType | None) -> NoReturn:
    """A terminal tells both processes about Ctrl-C, and the other one passes it on as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@dataclass(slots=True)
class _Watch:
    """The guarding process's side.

    Attributes:
        child: The process that is guarded.
        channel: Where it says what its bounds are.
        bounds: The latest that it said.
        fault: Why it was ended, or what it confessed.
    """

    child: int
    channel: int
    bounds: Bounds | None = None
    fault: str = ""
    _began: float = field(default_factory=time.monotonic)
    _unread: bytes = b""

    def until_it_ends(self) -> int:
        """Wait for the child, end it where it exceeds its bounds, and return the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._pass_on)
        while self._is_alive():
            self.fault = self._excess()
            if self.fault:
                os.kill(self.child, signal.SIGKILL)
                break
        _, status = os.waitpid(self.child, 0)
        return self._code(os.waitstatus_to_exitcode(status))

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        os.kill(self.child, number)

    def _is_alive(self) -> bool:
        """Listen for a moment; the channel is closed when the child ends."""
        ready, _, _ = select.select([self.channel], [], [], _LOOKS_EVERY_S)
        if not ready:
            # A process that the child started may hold the channel open after it has ended.
            return os.waitid(os.P_PID, self.child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        heard = os.read(self.channel, 2**16)
        *lines, self._unread = (self._unread + heard).split(b"\n")
        for line in lines:
            self._heed(json.loads(line))
        return bool(heard)

    def _heed(self, message: dict[str, dict[str, object] | str]) -> None:
        match message:
            case {"bounds": dict(bounds)}:
                self.bounds, self._began = Bounds(**bounds), time.monotonic()  # type: ignore[arg-type] # as `step` wrote it
            case {"fault": str(fault)}:
                self.fault = fault

    def _excess(self) -> str:
        if self.fault or self.bounds is None:
            return self.fault
        if time.monotonic() - self._began > _wall_s(self.bounds):
            return f"it did not get on for {_wall_s(self.bounds)} s"
        if _memory_of(self.child) > self.bounds.memory_bytes:
            return f"it takes more than {self.bounds.memory_bytes // _MIB} MiB of memory"
        return ""

    def _code(self, exit_code: int) -> int:
        if not self.fault and exit_code in _EXPECTED:
            return exit_code
        if not self.fault and -exit_code in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            return 128 - exit_code
        said = self.fault or self._said_of(exit_code)
        subject = self.bounds.subject if self.bounds else ""
        say(
            f"Error: The export is refused: {said}\n"
            f"  where: {json.dumps(subject, ensure_ascii=False)}\n"
            "  what to do: export an ordinary network again; if this is one, raise --max-cpu-s or"
            " --max-memory-mb, or report the file as a fault of the grader",
            "red",
        )
        return MODEL_REFUSED

    def _said_of(self, exit_code: int) -> str:
        if -exit_code == signal.SIGXCPU and self.bounds is not None:
            return f"one step took more than {self.bounds.cpu_s} s of the processor"
        if exit_code < 0:
            return f"reading or running it ended in {signal.Signals(-exit_code).name}"
        return f"reading or running it ended with the exit code {exit_code}"


def _wall_s(bounds: Bounds) -> int:
    """Time by the clock until the next step has to begin."""
    return _WALL_PER_CPU * bounds.cpu_s + _LEAST_WALL_S


def _memory_of(process: int) -> int:
    """The resident memory of a process apart from mapped files; 0 where the system can't say."""
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:  # noqa: PTH123 - ten times a second
            _, resident, shared, *_ = map(int, file.read().split())
    except (OSError, ValueError):
        return 0
    return (resident - shared) * resource.getpagesize()
