"""Finished reports are drawn again and compared on the command line, without a model."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from grader.cli.app import app
from grader.reports.document.writing import report_json
from grader.results.editions import edition
from tests.factories import make_report, make_rubric

TARGETS = (0, 0, 0, 0, 0, 1, 1, 1, 1, 1)
BEFORE = (0, 0, 0, 0, 1, 1, 1, 1, 0, 0)
AFTER = (0, 0, 0, 0, 0, 1, 1, 1, 1, 0)


def run(*args: str | Path) -> Result:
    """The command's result, with stdout and stderr apart."""
    return CliRunner().invoke(app, [str(argument) for argument in args], catch_exceptions=False)


def write(path: Path, answers: Sequence[int], *, targets: Sequence[int] = TARGETS) -> Path:
    """A finished run's report.json."""
    path.write_text(report_json(make_report(targets=targets, candidate=answers)), "utf-8")
    return path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """An instructor's report with a baseline and a grade."""
    path = tmp_path / "report.json"
    rubric = make_rubric("accuracy >= 0.8")
    whole = make_report(targets=TARGETS, candidate=AFTER, baseline=BEFORE, rubric=rubric)
    path.write_text(report_json(whole), "utf-8")
    return path


def test_a_report_drawn_as_json_is_the_report(report: Path) -> None:
    """To the byte."""
    result = run("report", report, "--format", "json")
    assert result.exit_code == 0
    assert result.stdout == report.read_text("utf-8")


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("text", "passed: 1 of 1 points"),
        ("html", "<!doctype html>"),
        ("csv", "image,label,"),
        ("junit", "<?xml"),
        ("gradescope", "{"),
        ("markdown", "**passed: 1 of 1 points"),
    ],
)
def test_a_report_is_drawn_in_every_form(report: Path, form: str, start: str) -> None:
    """Each begins as its form does."""
    result = run("report", report, "--format", form)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.lstrip().lower().startswith(start)


@pytest.mark.parametrize("form", ["text", "json", "html", "junit", "gradescope", "markdown"])
def test_a_students_edition_names_no_image_in_any_form(report: Path, form: str) -> None:
    """The instructor's text names them."""
    result = run("report", report, "--format", form, "--audience", "student")
    assert result.exit_code == 0, result.stderr
    assert ".png" not in result.stdout
    assert ".png" in run("report", report, "--format", "text").stdout


def test_single_answers_for_students_are_wrong_usage(report: Path) -> None:
    """A table of predictions has no student's edition."""
    result = run("report", report, "--format", "csv", "--audience", "student")
    assert result.exit_code == 2
    assert "individual answers" in result.stderr


def test_a_report_speaks_spanish(report: Path) -> None:
    """The page says so to screen readers too."""
    result = run("report", report, "--format", "html", "--lang", "es")
    assert '<html lang="es"' in result.stdout
    assert "exactitud" in result.stdout.lower()


def test_a_report_is_written_in_every_form(report: Path, tmp_path: Path) -> None:
    """The files that `grader evaluate --out` writes."""
    out = tmp_path / "out"
    result = run("report", report, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert (out / "report.json").read_text("utf-8") == report.read_text("utf-8")
    assert {path.name for path in out.iterdir()} == {
        "figures",
        "junit.xml",
        "predictions.csv",
        "report.html",
        "report.json",
        "report.md",
        "results.json",
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't be read"),
        ("", "not a report"),
        ("{}", "not a report"),
        ("[1, 2]", "not a report"),
    ],
)
def test_what_is_no_report_is_one_message(
    tmp_path: Path, content: str | None, message: str
) -> None:
    """With exit code 3."""
    path = tmp_path / "other.json"
    if content is not None:
        path.write_text(content, "utf-8")
    result = run("report", path)
    assert result.exit_code == 3
    assert message in result.stderr


def test_a_students_edition_does_not_become_an_instructors(tmp_path: Path) -> None:
    """What it leaves out is not in it."""
    path = tmp_path / "report.json"
    student = edition(make_report(targets=TARGETS, candidate=AFTER), "student")
    path.write_text(report_json(student), "utf-8")
    assert run("report", path).exit_code == 0
    result = run("report", path, "--audience", "instructor")
    assert result.exit_code == 3
    assert "student's edition" in result.stderr


def test_two_runs_are_compared(tmp_path: Path) -> None:
    """The first is the baseline: two images were fixed."""
    first, second = write(tmp_path / "a.json", BEFORE), write(tmp_path / "b.json", AFTER)
    result = run("compare", first, second, "--format", "json")
    assert result.exit_code == 0, result.stderr
    comparison = json.loads(result.stdout)["comparison"]
    assert (comparison["n_regressions"], comparison["n_improvements"]) == (0, 2)
    assert comparison["mcnemar"]["p_value"] == 0.25


def test_runs_on_two_test_sets_are_compared_only_where_asked(tmp_path: Path) -> None:
    """The second run lacks the last image."""
    first = write(tmp_path / "a.json", BEFORE)
    second = write(tmp_path / "b.json", AFTER[:-1], targets=TARGETS[:-1])
    refused = run("compare", first, second)
    assert refused.exit_code == 3
    assert "different test sets: 9 images are in both" in refused.stderr
    compared = run("compare", first, second, "--allow-different")
    assert compared.exit_code == 0
    assert "Images only in the first run, not compared: 1" in compared.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_output_on_a_full_disk_exits_6(report: Path) -> None:
    """Without a traceback, though what is left in the buffer can't be written either."""
    command = [sys.executable, "-m", "grader", "report", str(report), "--format", "html"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 6
    assert "can't be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_points_for_gradescope_need_a_grade(tmp_path: Path) -> None:
    """A run without a spec has none; the other forms are written, and the lack is said."""
    path = write(tmp_path / "a.json", AFTER)
    assert run("report", path, "--format", "gradescope").exit_code == 3
    result = run("report", path, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "Left out results.json" in result.stderr
    assert (tmp_path / "out" / "report.md").exists()
