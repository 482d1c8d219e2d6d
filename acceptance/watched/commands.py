"""Runs one command in an empty folder, watched and measured, with canaries set out for it."""

import os
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from acceptance.watched.observing import logged, ordered
from acceptance.watched.sightings import Sighting
from acceptance.watched.watching import Watched

ENV_CANARY = "HOSTILE_CANARY"
_KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command did.

    Attributes:
        exit_code: If negative, the signal that ended it, as when it ran past its limit.
        wall_s: From start to end.
        peak_bytes: Its largest resident memory. As Linux counts, this is never less than that of
            the process that started it, so that process has to be small.
        stdout: What it printed.
        stderr: What it printed to standard error.
        fired: Canaries that it set off, and files that it left in its folder.
        sightings: What it was seen to do from the opening of the watched file on, except for
            libraries' own temporary files.
    """

    exit_code: int
    wall_s: float
    peak_bytes: int
    stdout: str
    stderr: str
    fired: tuple[str, ...]
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How a command is run.

    Attributes:
        watched: The file that is watched, and its names.
        limit_s: Wall time after which it is stopped.
        hidden: A folder that nothing in the file should look into.
    """

    watched: Watched
    limit_s: float
    hidden: Path


def run_command(command: Sequence[str], conditions: Conditions) -> Run:
    """Run a Python command and see what it did."""
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as server:
        folder = Path(name)
        (folder / "cwd").mkdir()
        (folder / "tmp").mkdir()
        log, canary = folder / "sightings.jsonl", folder / "canary"
        order = ordered(conditions.watched, order=folder / "order.json", log=log)
        canaries = {"CANARY": str(canary), "CANARY_PORT": str(server.getsockname()[1])}
        folders = {"HIDDEN_DIR": str(conditions.hidden), "TMPDIR": str(folder / "tmp")}
        environment = {**os.environ, **order, **canaries, **folders}
        exit_code, wall_s, usage = _timed(command, environment, folder, conditions.limit_s)
        sightings = [one for one in logged(log) if not _is_scratch(one, folder / "tmp")]
        return Run(
            exit_code=exit_code,
            wall_s=wall_s,
            peak_bytes=usage.ru_maxrss * _KIB,
            stdout=(folder / "stdout").read_text("utf-8", "replace"),
            stderr=(folder / "stderr").read_text("utf-8", "replace"),
            fired=_fired(folder, server, sightings),
            sightings=tuple(sightings),
        )


def _is_scratch(sighting: Sighting, folder: Path) -> bool:
    """Whether a library made or removed a temporary file of its own, in the folder for those."""
    if sighting.kind == "os.remove" and sighting.asked_by == "shutil":
        return True  # The event lacks the folder; removing the whole tree is a separate sighting.
    is_library = sighting.asked_by.partition(".")[0] in {"PIL", "shutil", "tempfile"}
    return is_library and str(folder) in sighting.what


def _timed(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, limit_s: float
) -> tuple[int, float, resource.struct_rusage]:
    start = time.perf_counter()
    with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            command,
            cwd=folder / "cwd",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        timer = threading.Timer(limit_s, _end_group, [process.pid])
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        _end_group(process.pid)  # What a payload may have started.
    return process.returncode, wall_s, usage


def _end_group(process_id: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process_id, signal.SIGKILL)


def _fired(folder: Path, server: socket.socket, sightings: Sequence[Sighting]) -> tuple[str, ...]:
    fired = []
    if (folder / "canary").exists():
        fired.append("it touched the canary file")
    if _was_called(server):
        fired.append("it connected to the canary's port")
    if any(one.kind == "os.putenv" and ENV_CANARY in one.what for one in sightings):
        fired.append("it set the canary's variable")
    written = sorted(path.name for path in (folder / "cwd").iterdir())
    return (*fired, *(f"it wrote {name!r}" for name in written))


def _was_called(server: socket.socket) -> bool:
    server.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True
