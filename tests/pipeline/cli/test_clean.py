"""The commands that look at photos and clean them: messages, streams and exit codes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cli.app import app
from tests.pipeline.cleaning.deciding import opened, removal
from tests.pipeline.copying import draw_with_copies
from tests.pipeline.drawing import draw_classes


def pipeline(*args: str | Path) -> Result:
    """Run one command in this process."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


def files_below(root: Path) -> dict[str, bytes]:
    """The files of a tree by their relative paths."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_an_audit_is_written_and_summed_up(tmp_path: Path) -> None:
    """The folder goes to stdout, the counts to stderr; no image is touched."""
    images = draw_with_copies(tmp_path / "images")
    before = files_below(images)
    result = pipeline("audit", images, "--out", tmp_path / "out", "--min-side", "16")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'out'}\n")
    assert "42 images, " in result.stderr
    assert "\nnear_duplicate: 3\n" in result.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "audit.json",
        "audit.csv",
        "audit.html",
    }
    assert files_below(images) == before
    again = pipeline("audit", images, "--out", tmp_path / "out")
    assert again.exit_code == 3
    assert "already exists" in again.stderr


def test_cleaning_removes_copies_and_restoring_brings_them_back(tmp_path: Path) -> None:
    """A dry run tells the same and changes nothing."""
    images = draw_with_copies(tmp_path / "images")
    before = files_below(images)
    dry = pipeline("clean", images, "--auto", "--dry-run", "--min-side", "16")
    assert dry.exit_code == 0
    assert files_below(images) == before
    assert not (tmp_path / "images-quarantine").exists()

    cleaned = pipeline("clean", images, "--auto", "--min-side", "16")
    assert cleaned.exit_code == 0
    assert cleaned.stdout == dry.stdout
    assert "red/again 1.png: copy of red/red 1.png\n" in cleaned.stdout
    gone = before.keys() - files_below(images).keys()
    assert gone == {line.partition(": ")[0] for line in cleaned.stdout.splitlines()}

    listed = pipeline("restore", images)
    assert listed.stdout == cleaned.stdout
    one = pipeline("restore", images, "red/again 1.png")
    assert one.stdout == "red/again 1.png: red/again 1.png\n"
    assert pipeline("restore", images, "--all").exit_code == 0
    assert files_below(images) == before


def test_restoring_needs_a_quarantine_and_names_in_it(tmp_path: Path) -> None:
    """Neither makes one, nor is a wrong name passed over."""
    images = draw_classes(tmp_path / "images")
    result = pipeline("restore", images, "--all")
    assert result.exit_code == 3
    assert "not a quarantine of pipeline clean" in result.stderr
    assert list(tmp_path.iterdir()) == [images]
    trees = Trees(images=images, quarantine=tmp_path / "kept")
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/red 0.png")])
    result = pipeline("restore", images, "blue", "--quarantine", trees.quarantine)
    assert result.exit_code == 3
    assert '"blue" was neither removed nor moved; these were: "red/red 0.png"' in result.stderr


def test_restoring_puts_back_what_it_can(tmp_path: Path) -> None:
    """And names what is gone, with exit code 3."""
    images = draw_classes(tmp_path / "images")
    trees = Trees(images=images, quarantine=tmp_path / "images-quarantine")
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/red 0.png"), removal("red/red 1.png")])
    (trees.quarantine / "removed/000001/red/red 0.png").unlink()
    result = pipeline("restore", images, "--all")
    assert (result.exit_code, result.stdout) == (3, "red/red 1.png: red/red 1.png\n")
    assert '"red/red 0.png": ' in result.stderr
    assert "all others were put back" in result.stderr


@pytest.mark.parametrize("command", [["clean", "--auto"], ["clean", "--no-browser"], ["restore"]])
def test_the_top_of_a_disk_is_no_folder_of_images(command: list[str]) -> None:
    """There is no room for a quarantine beside it."""
    result = pipeline(*command, "/")
    assert result.exit_code == 3
    assert "root of a disk" in result.stderr


def test_a_quarantine_among_the_images_is_bad_usage(tmp_path: Path) -> None:
    """The option that is meant is named."""
    images = draw_classes(tmp_path / "images")
    result = pipeline("clean", images, "--auto", "--quarantine", images / "q")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --quarantine ")


def test_a_quarantine_in_use_ends_with_6(tmp_path: Path) -> None:
    """The message says to wait."""
    images = draw_classes(tmp_path / "images")
    trees = Trees(images=images, quarantine=tmp_path / "images-quarantine")
    with opened(trees):
        result = pipeline("restore", images)
    assert result.exit_code == 6
    assert "wait until it ends" in result.stderr
