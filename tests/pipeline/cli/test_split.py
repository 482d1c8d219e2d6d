"""The command that divides: messages, streams and exit codes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from tests.pipeline.copying import draw_with_copies
from tests.pipeline.drawing import draw_classes, draw_dataset


def pipeline(*args: str | Path) -> Result:
    """Run one command in this process."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


def test_a_split_keeps_copies_together_unless_told_otherwise(tmp_path: Path) -> None:
    """Verifying what each leaves ends with 0 and with 3."""
    images = draw_with_copies(tmp_path / "images")
    grouped = pipeline("split", images, "--out", tmp_path / "grouped", "--seed", "3")
    assert grouped.exit_code == 0
    result = pipeline("split", "--verify", tmp_path / "grouped")
    assert result.exit_code == 0
    assert result.stdout.endswith("no leaks: no photo is in more than one part\n")
    options = ("--seed", "3", "--strict-document", "--link")
    assert pipeline("split", images, "--out", tmp_path / "strict", *options).exit_code == 0
    result = pipeline("split", "--verify", tmp_path / "strict")
    assert result.exit_code == 3
    assert "\nleak: " in result.stdout
    assert "divide the images again with pipeline split" in result.stderr


def test_folds_are_written_side_by_side(tmp_path: Path) -> None:
    """Each is a data set."""
    images = draw_classes(tmp_path / "images")
    result = pipeline("split", images, "--out", tmp_path / "out", "--folds", "2")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'out'}\n")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["fold 1", "fold 2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["split", "images", "--verify", "dataset"], "neither IMAGES nor --out"),
        (["split", "--out", "out"], "pass both"),
        (["restore", "images", "red", "--all"], "can't be used with names"),
        (["split", "images", "--out", "out", "--folds", "1"], "--folds"),
        (
            ["split", "images", "--out", "out", "--folds", "3", "--strict-document"],
            "can't be used with --folds",
        ),
        (
            ["split", "images", "--out", "out", "--folds", "3", "--ratio", "0.7", "0.15", "0.15"],
            "can't be used with --folds",
        ),
        (["split", "--verify", "dataset", "--folds", "3"], "can't be used with --verify"),
        (["split", "--verify", "dataset", "--link"], "can't be used with --verify"),
        (["split", "--verify", "dataset", "--seed", "5"], "can't be used with --verify"),
        (
            ["split", "--verify", "dataset", "--ratio", "0.7", "0.15", "0.15"],
            "can't be used with --verify",
        ),
        (["split", "--verify", "dataset", "--strict-document"], "can't be used with --verify"),
    ],
)
def test_options_that_exclude_each_other_are_refused(arguments: list[str], message: str) -> None:
    """They are refused before any folder is read."""
    result = pipeline(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_split_made_elsewhere_can_be_verified(tmp_path: Path) -> None:
    """The parts are counted on stdout."""
    result = pipeline("split", "--verify", draw_dataset(tmp_path))
    assert result.stdout.startswith("test: 2 images\ntrain: 12 images\nval: 4 images\n")
