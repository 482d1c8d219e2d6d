"""Figures drawn by another process: the same files, and never none because of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.reports.figures import drawer
from grader.reports.figures.drawer import Drawer, begin_here, begin_none
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report


@pytest.mark.parametrize("code", ["en", "es"])
def test_another_process_draws_the_very_same_files(code: str) -> None:
    """In the language of the report's readers."""
    language = ENGLISH if code == "en" else language_of("es")
    with Drawer() as figures:
        drawn = figures.begin(make_report(), language)()
    assert drawn == begin_here(make_report(), language)()
    assert len(drawn) >= 6


def test_where_no_process_can_be_started_they_are_drawn_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report has its figures all the same."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with Drawer() as figures:
        drawn = figures.begin(make_report(), ENGLISH)()
    assert drawn == begin_here(make_report(), ENGLISH)()


def test_where_the_process_fails_they_are_drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens to it: here it is another program, which reads nothing and fails."""
    monkeypatch.setattr(drawer, "PROGRAM", "grader.no_such_program")
    with Drawer() as figures:
        drawn = figures.begin(make_report(), ENGLISH)()
    assert drawn == begin_here(make_report(), ENGLISH)()


def test_a_drawer_that_is_not_needed_ends_quietly() -> None:
    """As when the model is refused."""
    with Drawer():
        pass


def test_without_figures_nothing_is_drawn() -> None:
    """Nor is matplotlib imported, by this or by preparing to draw."""
    assert begin_none(make_report(), ENGLISH)() == {}
    code = "import sys, grader.reports.folder; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
