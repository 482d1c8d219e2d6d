"""The library calls do what the commands do."""

import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.errors import BadInputError
from grader.reports.document.writing import report_json
from tests.factories import make_report


def test_evaluate_gives_the_report_of_a_grading(sound_model: Path, colour_folder: Path) -> None:
    """From plain strings; without a spec there is no grade."""
    report = grader.evaluate(str(sound_model), data=str(colour_folder))
    assert report.scores.metrics.accuracy == 1.0
    assert report.grade is None


def test_evaluate_takes_a_spec_by_name_and_says_what_does_not_fit(
    sound_model: Path, colour_folder: Path
) -> None:
    """Colours are not digits."""
    with pytest.raises(BadInputError, match="Folders that match no class"):
        grader.evaluate(sound_model, data=colour_folder, spec="digits")


def test_a_report_is_read_back_and_compared(tmp_path: Path) -> None:
    """Two files of two runs."""
    runs = []
    for name, answers in (("first", (0, 1, 1, 1)), ("second", (0, 0, 1, 1))):
        path = tmp_path / f"{name}.json"
        path.write_text(report_json(make_report(candidate=answers)), "utf-8")
        runs.append(grader.read_report(path))
    compared = grader.compare(*runs)
    assert compared.comparison is not None
    assert compared.comparison.n_improvements == 1


def test_runs_on_different_images_are_compared_only_where_asked() -> None:
    """The second run lacks the last image."""
    whole, part = make_report(), make_report(targets=(0, 0, 1), candidate=(0, 1, 1))
    with pytest.raises(BadInputError, match="different test sets"):
        grader.compare(whole, part)
    compared = grader.compare(whole, part, allow_different=True)
    assert compared.test_set.n_images == 3


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Not even numpy."""
    code = "import sys, grader; print(sorted({'numpy', 'torch', 'pydantic'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_notebook_shows_a_report(tmp_path: Path) -> None:
    """As HTML that names the model's classes."""
    path = tmp_path / "report.json"
    path.write_text(report_json(make_report(labels=("robin", "<wren>"))), "utf-8")
    shown = grader.read_report(path)._repr_html_()
    assert "robin" in shown
    assert "&lt;wren&gt;" in shown
