import subprocess
import sys
from pathlib import Path

import pytest

from acceptance.fuzzing import watching
from acceptance.fuzzing.watching import ReadingFault, Watch

PROGRAM = """
import os, sys
from pathlib import Path
from acceptance.fuzzing.watching import Watch
path, deed = sys.argv[1:]
exec(f"def act(): {deed}")
watch = Watch(Path(path))
watch.install()
with watch.reading():
    act()
"""
DEEDS = {
    "import colorsys": "import was asked for",
    "open('/etc/hostname')": "open was asked for",
    "eval('1')": "compile was asked for",
    "os.system('true')": "os.system was asked for",
    "sys.modules.update(new=sys)": "a module was imported",
}


def outcome_of(deed: str, path: Path) -> str:
    """What a process wrote that did this in a watched reading; the watch can't be taken off."""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(path), deed]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_that_no_reading_needs_is_noticed(deed: str, tmp_path: Path) -> None:
    """It is named, and it ends the reading."""
    assert f"ReadingFault: {DEEDS[deed]}" in outcome_of(deed, tmp_path / "export.pkl")


def test_the_file_itself_may_be_opened(tmp_path: Path) -> None:
    """And mapped into memory."""
    path = tmp_path / "export.pkl"
    path.write_bytes(b"?")
    assert outcome_of("id(open(path).read())", path) == ""


def test_a_reading_that_takes_long_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time on the processor counts, not that of other programs."""
    monkeypatch.setattr(watching, "MAX_CPU_S", -1.0)
    with pytest.raises(ReadingFault, match="s of the processor"), Watch(Path("x")).reading():
        pass


def test_a_reading_that_takes_much_memory_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The peak counts, if it grew in the reading."""
    monkeypatch.setattr(watching, "MAX_MEMORY_BYTES", 1)
    monkeypatch.setattr(watching, "_peak_bytes", iter((2, 3)).__next__)
    with pytest.raises(ReadingFault, match="memory went up to"), Watch(Path("x")).reading():
        pass
