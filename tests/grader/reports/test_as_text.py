"""The report as text is exactly the golden one, and names stay text."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grader.reports.as_text import report_text
from grader.results import GradeReport, UnreadableImage
from tests.factories import make_report, make_rubric

GOLDEN = Path(__file__).parents[2] / "golden"
TORN = UnreadableImage(image="cigüeña/torn.png", reason="it is cut short\nby 20 bytes")
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
    warnings=('Classes without images, so without a recall: "garza".',),
)


def shown(report: GradeReport) -> str:
    """The report as a file or a pipe gets it, 120 columns wide, without spaces at the ends."""
    text = io.StringIO()
    console = Console(width=120, file=text, force_terminal=False, legacy_windows=False)
    console.print(report_text(report))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def golden(name: str) -> str:
    """An expected report."""
    return (GOLDEN / name).read_text("utf-8")


def test_a_full_report_is_the_golden_one() -> None:
    """Verdict, models, rubric, classes, matrices, changes, flips, unreadable images, warnings."""
    assert shown(FULL) == golden("full.txt")


def test_a_report_without_spec_and_baseline_is_the_golden_one() -> None:
    """Neither a verdict nor a rubric nor a comparison is shown."""
    assert shown(make_report()) == golden("plain.txt")


def test_a_passed_rubric_says_so_first() -> None:
    """With its points."""
    report = make_report(rubric=make_rubric("accuracy >= 0.5", points=2))
    assert shown(report).startswith("PASSED: 2 of 2 points. 3 of 4 images right, 75.00%.\n")


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
    torn = UnreadableImage(image=f"{name}/torn.png", reason=name)
    report = make_report(
        labels=(name, "wren"), baseline=(1, 0, 0, 0), candidate=(1, 0, 1, 0), unreadable=(torn,)
    )
    text = shown(report)
    assert text.count(expected) >= 6
    assert name == expected or name not in text


def test_ties_are_shown_for_both_models_where_one_has_any() -> None:
    """The golden reports, without ties, have no such row."""
    report = make_report(baseline=(0, 0, 1, 0))
    metrics = replace(report.scores.metrics, n_ties=3)
    tied = replace(report, scores=replace(report.scores, metrics=metrics))
    assert "ties, drawn by hash               3              0\n" in shown(tied)
    assert "ties" not in shown(report)


def test_a_long_list_of_regressions_is_cut_with_a_count() -> None:
    """Twenty of twenty-three are shown, in the test set's order."""
    report = make_report(targets=(0,) * 23, candidate=(1,) * 23, baseline=(0,) * 23)
    text = shown(report)
    assert "Regressions (right before, wrong now); the first 20 of 23, all are in the JSON" in text
    assert "robin/19.png" in text
    assert "robin/20.png" not in text


def test_twenty_improvements_are_shown_whole() -> None:
    """Nothing is cut that fits."""
    report = make_report(targets=(0,) * 20, candidate=(0,) * 20, baseline=(1,) * 20)
    assert "Improvements (wrong before, right now)\n" in shown(report)
    assert "robin/19.png" in shown(report)


def test_a_long_list_of_unreadable_images_is_cut_with_a_count() -> None:
    """Twenty of twenty-two are shown."""
    torn = tuple(UnreadableImage(image=f"robin/torn{n}.png", reason="cut") for n in range(22))
    text = shown(make_report(unreadable=torn))
    assert "robin/torn19.png" in text
    assert "robin/torn20.png" not in text
    assert "and 2 more" in text


@pytest.mark.parametrize(("n_classes", "is_shown"), [(20, True), (21, False)])
def test_a_matrix_of_many_classes_is_left_to_the_files(n_classes: int, *, is_shown: bool) -> None:
    """A terminal holds twenty columns, and says so when there are more."""
    labels = tuple(f"bird {number}" for number in range(n_classes))
    text = shown(make_report(labels=labels))
    assert ("(true class down, predicted across)" in text) is is_shown
    assert (f"{n_classes} classes are too many to show here; use --out." in text) is not is_shown
