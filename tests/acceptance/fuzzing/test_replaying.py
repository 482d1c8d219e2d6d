import subprocess
import sys
from pathlib import Path

from acceptance.fuzzing.seeds import all_seeds

LEGACY = all_seeds()["legacy"]


def test_what_is_not_reached_is_listed_and_fails(tmp_path: Path) -> None:
    """One old file reaches nothing of the zip's reader."""
    (tmp_path / "legacy.pkl").write_bytes(LEGACY)
    command = [sys.executable, "-W", "ignore", "-m", "acceptance.fuzzing.replaying", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = {line.split()[0]: line.split()[2] for line in done.stdout.splitlines() if "%" in line}
    assert done.returncode == 1, done.stderr
    assert float(rows["grader.loading.archive.zip_members"].rstrip("%")) < 50
    assert float(rows["grader.loading.inert.legacy"].rstrip("%")) > 70
    assert "Less than 95% was reached of" in done.stdout
