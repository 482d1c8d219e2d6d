import resource
import sys
from pathlib import Path

import pytest

from acceptance.watched.commands import Conditions, Run, run_command
from acceptance.watched.watching import Watched


def run(code: str, *, limit_s: float = 30.0) -> Run:
    """Run lines of Python in an empty folder."""
    watched = Watched(path="/nowhere/export.pkl", names=frozenset())
    conditions = Conditions(watched=watched, limit_s=limit_s, hidden=Path("/nowhere"))
    return run_command([sys.executable, "-c", code], conditions)


def test_an_ordinary_command_fires_nothing_and_is_measured() -> None:
    """Its prints, exit code, time and memory are known."""
    done = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(5)")

    assert (done.exit_code, done.stdout, done.stderr) == (5, "out\n", "err\n")
    assert done.fired == ()
    assert 0 < done.wall_s < 30
    assert done.peak_bytes > 0


@pytest.mark.parametrize(
    ("code", "fired"),
    [
        ("open(os.environ['CANARY'], 'w')", "touched the canary file"),
        ("socket.create_connection(('127.0.0.1', int(os.environ['CANARY_PORT'])))", "connected"),
        ("open('left', 'w')", "wrote 'left'"),
        ("open(sys.argv[0] or '/nowhere/export.pkl')", None),
    ],
)
def test_each_canary_is_noticed(code: str, fired: str | None) -> None:
    """A file, a connection, and whatever is left in the folder."""
    done = run(f"import os, socket, sys\ntry:\n {code}\nexcept OSError: pass")

    assert [fired in one for one in done.fired] == [True] if fired else done.fired == ()


def test_a_changed_environment_is_noticed_once_the_file_is_open(tmp_path: Path) -> None:
    """Before that the file can't be the cause."""
    path = tmp_path / "export.pkl"
    path.touch()
    conditions = Conditions(
        watched=Watched(path=str(path), names=frozenset()), limit_s=30, hidden=tmp_path
    )
    early = "import os; os.environ['HOSTILE_CANARY'] = '1'"
    late = f"open({str(path)!r}).close(); {early}"

    runs = [run_command([sys.executable, "-c", code], conditions) for code in (early, late)]

    assert [one.fired for one in runs] == [(), ("it set the canary's variable",)]


def test_a_command_that_never_ends_is_ended() -> None:
    """With all that it started."""
    done = run(
        "import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)", limit_s=1
    )

    assert done.exit_code == -9
    assert 1 <= done.wall_s < 10


def test_the_memory_that_a_command_used_is_its_peak() -> None:
    """Even if it gave it back."""
    n_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + 100_000_000

    assert run(f"numbers = bytearray({n_bytes}); del numbers").peak_bytes > n_bytes


def test_temporary_files_of_libraries_are_no_sightings(tmp_path: Path) -> None:
    """Unlike files that are written anywhere else, or by anything else."""
    path = tmp_path / "export.pkl"
    path.touch()
    conditions = Conditions(
        watched=Watched(path=str(path), names=frozenset()), limit_s=30, hidden=tmp_path
    )
    code = f"""
import tempfile
open({str(path)!r}).close()
with tempfile.TemporaryDirectory() as folder:
    open(folder + "/own", "w").close()
"""

    seen = run_command([sys.executable, "-c", code], conditions).sightings

    others = [(one.kind, one.asked_by) for one in seen if one.kind != "import"]
    assert others == [("write", "__main__")]
