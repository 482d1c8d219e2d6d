"""The report as text is exactly the golden one, and names stay text."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grader.reports.as_text import report_text
from grader.results.comparisons import ConfidenceShift
from grader.results.editions import edition
from grader.results.report import GradeReport, ImageRecord, Notice
from grader.words.language import ENGLISH, Language, language_of
from tests.factories import make_report, make_rubric

GOLDEN = Path(__file__).parents[2] / "golden"
TORN = ImageRecord(
    name="cigüeña/torn.png",
    label="cigüeña",
    sha256="f" * 64,
    unreadable="it is cut short\nby 20 bytes",
)
FULL = make_report(
    labels=("cigüeña", "loro", "garza"),
    targets=(0, 0, 0, 1, 1, 1),
    candidate=(0, 0, 1, 1, 1, 0),
    baseline=(0, 0, 0, 1, 0, 1),
    rubric=make_rubric(
        "accuracy >= 0.5",
        "precision >= 0.9 in every class",
        "n_improvements > 0 against the first stage",
    ),
    unreadable=(TORN,),
    notices=(Notice(code="classes_without_images", n=1, labels=("garza",)),),
)
# A class of two images, which a student's edition withholds with the smaller of the others.
UNEVEN = make_report(
    labels=("cigüeña", "loro", "garza"),
    targets=(0,) * 6 + (1,) * 7 + (2,) * 2,
    candidate=(0,) * 5 + (1,) * 8 + (2, 1),
    baseline=(0,) * 6 + (1, 0, 1, 1, 1, 1, 1) + (1, 1),
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.9 in every class"),
    notices=(Notice(code="small_images", n=2, of=64, images=("loro/6.png", "loro/7.png")),),
)


def shown(report: GradeReport, *, width: int = 120, language: Language = ENGLISH) -> str:
    """The report as a file or a pipe gets it, without spaces at the ends."""
    text = io.StringIO()
    console = Console(width=width, file=text, force_terminal=False, legacy_windows=False)
    console.print(report_text(report, language))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def golden(name: str) -> str:
    """An expected report."""
    return (GOLDEN / name).read_text("utf-8")


def test_a_full_report_is_the_golden_one() -> None:
    """Verdict, models, rubric, classes, matrices, comparison, flips, calibration, warnings."""
    assert shown(FULL) == golden("full.txt")


def test_a_report_without_spec_and_baseline_is_the_golden_one() -> None:
    """Neither a verdict nor a rubric nor a comparison is shown."""
    assert shown(make_report()) == golden("plain.txt")


def test_a_students_edition_in_spanish_is_the_golden_one() -> None:
    """On a terminal of 80 columns: withheld classes are dashes, and no image is named."""
    student = edition(UNEVEN, "student")
    text = shown(student, width=80, language=language_of("es"))
    assert text == golden("student_es.txt")
    assert not re.search(r"\.png|Regresiones \(", text)


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """No number is cut either, in both languages."""
    for language in (ENGLISH, language_of("es")):
        text = shown(FULL, width=width, language=language)
        assert max(map(len, text.splitlines())) <= width
        assert "…" not in text


def test_a_passed_rubric_says_so_first() -> None:
    """With its points."""
    report = make_report(rubric=make_rubric("accuracy >= 0.5", points=2))
    first = shown(report).splitlines()[0]
    assert first.startswith("PASSED: 2 of 2 points. 3 of 4 images right: 75.0 %, 95 % interval ")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("[/nonsense]", "[/nonsense]"),
        (":bird:", ":bird:"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines", "two\\nlines"),
        ("turned\u202eround", "turned\\u202eround"),
    ],
)
def test_a_hostile_name_is_shown_as_text(name: str, expected: str) -> None:
    """Neither markup nor control characters work, wherever a name is shown."""
    torn = ImageRecord(name=f"{name}/torn.png", label=name, sha256="f" * 64, unreadable=name)
    report = make_report(
        labels=(name, "wren"), baseline=(1, 0, 0, 0), candidate=(1, 0, 1, 0), unreadable=(torn,)
    )
    text = shown(report)
    assert text.count(expected) >= 8
    assert name == expected or name not in text


def test_a_terminal_gets_colours_and_a_pipe_none() -> None:
    """Rich decides by where it writes to."""
    colours = io.StringIO()
    report = make_report(rubric=make_rubric("accuracy >= 0.9"))
    console = Console(width=120, file=colours, force_terminal=True, color_system="standard")
    console.print(report_text(report))
    assert "\x1b[1;31mBELOW THE RUBRIC" in colours.getvalue()
    assert "\x1b" not in shown(report)


def test_ties_are_shown_for_both_models_where_one_has_any() -> None:
    """The golden reports, without ties, have no such row."""
    report = make_report(baseline=(0, 0, 1, 0))
    metrics = replace(report.scores.metrics, n_ties=3)
    tied = replace(report, scores=replace(report.scores, metrics=metrics))
    assert re.search(r"^ties, decided by hash +3 +0$", shown(tied), re.MULTILINE)
    assert "ties" not in shown(report)


def test_shifts_of_confidence_are_shown() -> None:
    """With both probabilities of the true class."""
    report = make_report(baseline=(0, 0, 1, 0))
    assert report.comparison is not None
    assert report.comparison.changes is not None
    drop = ConfidenceShift(
        image="robin/0.png", label="robin", baseline_probability=0.9, candidate_probability=0.6
    )
    changes = replace(report.comparison.changes, confidence_drops=(drop,))
    report = replace(report, comparison=replace(report.comparison, changes=changes))
    text = shown(report)
    assert "Right both times, much less sure now\n" in text
    assert re.search(r"^robin/0\.png +robin +90\.0 % +60\.0 %$", text, re.MULTILINE)


def test_a_long_list_of_regressions_is_cut_with_a_count() -> None:
    """Twenty of twenty-three are shown, in the test set's order."""
    report = make_report(targets=(0,) * 23, candidate=(1,) * 23, baseline=(0,) * 23)
    text = shown(report)
    title = "Regressions (right before, wrong now): the first 20 of 23; report.json has them all\n"
    assert title in text
    assert "robin/19.png" in text
    assert "robin/20.png" not in text


def test_twenty_improvements_are_shown_whole() -> None:
    """What fits isn't cut."""
    report = make_report(targets=(0,) * 20, candidate=(0,) * 20, baseline=(1,) * 20)
    assert "Improvements (wrong before, right now)\n" in shown(report)
    assert "robin/19.png" in shown(report)


def test_a_long_list_of_unreadable_images_is_cut_with_a_count() -> None:
    """Twenty of twenty-two are shown."""
    torn = tuple(replace(TORN, name=f"robin/torn{n}.png", label="robin") for n in range(22))
    text = shown(make_report(unreadable=torn))
    assert "robin/torn19.png" in text
    assert "robin/torn20.png" not in text
    assert "Images that can't be read: the first 20 of 22" in text


@pytest.mark.parametrize(("width", "is_drawn"), [(120, True), (80, False)])
def test_a_matrix_that_does_not_fit_is_left_to_the_files(width: int, *, is_drawn: bool) -> None:
    """The terminal's width decides, and the text says so."""
    labels = tuple(f"bird {number}" for number in range(25))
    text = shown(make_report(labels=labels), width=width)
    assert (re.search(r"^1 bird 0 ", text, re.MULTILINE) is not None) is is_drawn
    assert ("25 classes are too many to show here; use --out." in text) is not is_drawn
