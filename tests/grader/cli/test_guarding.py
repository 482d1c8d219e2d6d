"""Commands that misbehave in every way, each in a guarded process of its own."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.cli.bounds import Work

START = """
import ctypes, os, signal, sys, threading, time
from grader.cli.bounds import Bounds
from grader.cli.guarding import run_guarded
def command(guard):
    guard.step(Bounds(cpu_s={cpu_s}, memory_bytes={memory_mib} * 2**20, subject="model.pkl"))
    {body}
    print("done")
    sys.exit({exit_code})
run_guarded(command)
"""
HUNGRY_LIBRARY = """
    malloc = ctypes.CDLL(None).malloc
    malloc.restype = ctypes.c_void_p
    while True:
        ctypes.memset(malloc(2**20), 1, 2**20)
"""
# What a command does, and what is said about it.
MISDEEDS: Mapping[str, tuple[str, str]] = {
    "computes for ever": ("while True: pass", "took more than 1 s of the processor"),
    "computes for ever in a thread": (
        "threading.Thread(target=lambda: sum(0 for _ in iter(int, 1))).start(); time.sleep(99)",
        "took more than 1 s of the processor",
    ),
    "takes memory": (
        "kept = [bytearray(b'1' * 2**20) for _ in range(100_000)]",
        "takes more than 200 MiB of memory",
    ),
    "takes memory behind Python's back": (HUNGRY_LIBRARY, "takes more than 200 MiB of memory"),
    "crashes": ("os.kill(os.getpid(), signal.SIGSEGV)", "ended in SIGSEGV"),
    "reads what isn't there": ("ctypes.string_at(0)", "ended in SIGSEGV"),
    "aborts": ("os.abort()", "ended in SIGABRT"),
    "is killed for memory by the system": (
        "os.kill(os.getpid(), signal.SIGKILL)",
        "ended in SIGKILL",
    ),
    "raises what nobody expected": (
        "1 / 0",
        "ZeroDivisionError in <string>:[0-9]+: division by zero",
    ),
    "has no memory left": ("raise MemoryError", "MemoryError in <string>"),
    "nests too deep": ("f = lambda: f(); f()", "RecursionError in <string>"),
    "exits with another code": ("os._exit(77)", "ended with the exit code 77"),
}


def ran(
    body: str, *, exit_code: int = 0, cpu_s: int = 60, memory_mib: int = 500
) -> subprocess.CompletedProcess[str]:
    """Run a command in its guard."""
    code = START.format(body=body, exit_code=exit_code, cpu_s=cpu_s, memory_mib=memory_mib)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=100
    )


@pytest.mark.parametrize("kind", MISDEEDS)
def test_whatever_a_command_does_it_ends_as_a_refusal(kind: str) -> None:
    """Exit code 4, three lines that name the file, and no traceback."""
    body, said = MISDEEDS[kind]
    done = ran(body, cpu_s=1, memory_mib=200)
    assert done.returncode == 4
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[1] == '  where: "model.pkl"'
    assert len(lines) == 3
    assert re.search(said, lines[0])


@pytest.mark.parametrize("exit_code", [0, 2, 3, 4, 5, 6, 130])
def test_a_command_exits_with_its_own_code(exit_code: int) -> None:
    """What it prints goes where the guard's own output goes."""
    done = ran("pass", exit_code=exit_code)
    assert (done.returncode, done.stdout, done.stderr) == (exit_code, "done\n", "")


def test_a_command_that_gets_on_may_take_longer() -> None:
    """Each step has its own time."""
    body = (
        "for _ in range(3):\n"
        "        begin = time.process_time()\n"
        "        while time.process_time() < begin + 0.8: pass\n"
        "        guard.step(Bounds(cpu_s=1, memory_bytes=2**40, subject=''))"
    )
    assert ran(body, cpu_s=1).returncode == 0


def test_ctrl_c_reaches_the_command_once() -> None:
    """Also where a terminal tells both processes, and the guard passes it on."""
    body = (
        "print('ready', flush=True)\n"
        "    try: time.sleep(99)\n"
        "    except KeyboardInterrupt:\n"
        "        time.sleep(1); print('interrupted', flush=True); sys.exit(130)"
    )
    code = START.format(body=body, exit_code=0, cpu_s=60, memory_mib=500)
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=50)[0] == "interrupted\n"
    assert process.returncode == 130


def test_a_process_that_outlives_the_command_is_not_waited_for() -> None:
    """The guard ends with the command, whoever still holds its channel."""
    body = "os.fork() or (os.close(1), os.close(2), time.sleep(60), os._exit(0))"
    begin = time.monotonic()
    done = ran(body)
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert time.monotonic() - begin < 50


def test_a_broken_installation_is_not_the_files_fault() -> None:
    """A library that can't be imported is shown as Python shows it."""
    done = ran("import no_such_library")
    assert "No module named 'no_such_library'" in done.stderr


def test_bounds_grow_with_the_files(tmp_path: Path) -> None:
    """A larger export may take more; a missing one is left to its reader."""
    small, large = tmp_path / "small.pkl", tmp_path / "large.pkl"
    small.write_bytes(b"")
    large.write_bytes(bytes(64 * 2**20))
    works = [
        Work(models=(path,), max_cpu_s=None, max_memory_mb=None)
        for path in (small, large, tmp_path / "missing.pkl")
    ]
    least, most, missing = (work.bounds("inspecting") for work in works)
    assert least.cpu_s < most.cpu_s <= 20
    assert least.memory_bytes < most.memory_bytes <= 1.5 * 2**30
    assert (missing.cpu_s, missing.memory_bytes) == (least.cpu_s, least.memory_bytes)


def test_a_person_may_raise_the_bounds(tmp_path: Path) -> None:
    """The options take the place of what suits the file."""
    chosen = Work(models=(tmp_path,), max_cpu_s=7, max_memory_mb=9).bounds("running", n_images=5)
    assert (chosen.cpu_s, chosen.memory_bytes) == (7, 9_000_000)


@pytest.mark.parametrize("command", ["inspect", "check", "evaluate"])
def test_each_command_is_guarded(tmp_path: Path, command: str) -> None:
    """With a megabyte to work in, no file can be read."""
    model = tmp_path / "model.pkl"
    model.write_bytes(b"PK\x03\x04" + bytes(100))
    options = {"inspect": [], "check": ["--spec", "birds"], "evaluate": ["--data", str(tmp_path)]}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "grader", command, str(model), *options[command]),
            *("--max-memory-mb", "1"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 4
    assert done.stdout == ""
    assert "takes more than 0 MiB of memory" in done.stderr
