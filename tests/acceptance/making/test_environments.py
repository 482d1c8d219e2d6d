import ast
import re
from datetime import date
from pathlib import Path

import pytest

from acceptance.making.drawing import SETS
from acceptance.making.environments import ENVIRONMENTS, Environment
from acceptance.making.installing import InstallError, installed
from acceptance.making.scripts import PATTERNS, Job, run_scripts

SCRIPTS = sorted(PATTERNS.glob("*.py"))
THEMES = {theme for one in ENVIRONMENTS for theme in one.themes}


def test_environments_have_names_of_their_own_and_a_day() -> None:
    """Two rows with one name would share a folder; a day is a day of the calendar."""
    names = [one.name for one in ENVIRONMENTS]
    assert len(names) == len(set(names))
    assert all(date.fromisoformat(one.as_of).year >= 2019 for one in ENVIRONMENTS)


def test_every_theme_is_a_script_and_every_script_is_run_or_imported() -> None:
    """A script that no environment runs would be forgotten."""
    assert {path.stem for path in SCRIPTS} == THEMES | {
        "recording",
        "under_fastai1",
        "under_fastai2",
    }


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_python_of_the_oldest_environment(path: Path) -> None:
    """Python 3.7 has to read them: nothing newer in their grammar."""
    ast.parse(path.read_text("utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_asks_only_for_photos_that_are_drawn(path: Path) -> None:
    """Every folder that a pattern names is a set of photos."""
    named = set(re.findall(r'"(images\w*)"', path.read_text("utf-8")))
    assert named <= {photo_set.name for photo_set in SETS} | {"images"}


def test_a_script_that_does_not_finish_is_named(tmp_path: Path) -> None:
    """Its output is in a log beside the exports."""
    environment = Environment(
        fastai="2.0.0",
        python="3.7.16",
        as_of="2020-08-25",
        torch="1.6.0",
        pins=(),
        themes=("book", "labels"),
    )
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$1"\n[ "${1%book.py}" = "$1" ]\n', "utf-8")
    python.chmod(0o755)

    job = Job(corpus=tmp_path / "corpus", homes=tmp_path)
    assert list(run_scripts(environment, python, job)) == ["book"]
    log = tmp_path / "corpus" / "exports" / environment.name / "labels.log"
    assert log.read_text("utf-8").strip() == str(PATTERNS / "labels.py")


def test_an_environment_needs_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the command says how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with (
        pytest.raises(InstallError, match="python -m pip install uv"),
        installed(ENVIRONMENTS[0], tmp_path / "homes", is_kept=True),
    ):
        pytest.fail("nothing is installed")
