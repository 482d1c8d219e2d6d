"""The pictures of the first screen."""

from dataclasses import replace

import pytest

from grader.reports.html.axis import WHOLE_AXIS, Axis, axis_around
from grader.reports.html.class_plot import class_rows, n_undecided
from grader.reports.html.galleries import cards, galleries
from grader.reports.html.overview import (
    accuracy_picture,
    criterion_lines,
    flips,
    grade_notices,
    other_notices,
    shown_mistakes,
    top_confusion,
    worded_rubric,
    worst_class,
)
from grader.results.report import GradeReport, Notice
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report, make_rubric


@pytest.mark.parametrize(
    ("shares", "axis"),
    [
        ((0.93, 0.99), Axis(low=0.9, high=1.0, step=0.02)),
        ((0.5, 0.97), Axis(low=0.4, high=1.0, step=0.2)),
        ((0.0, 1.0), WHOLE_AXIS),
        ((0.31,), Axis(low=0.29, high=0.33, step=0.01)),
    ],
)
def test_an_axis_is_as_short_as_it_can_be(shares: tuple[float, ...], axis: Axis) -> None:
    """It holds every share and a margin, within nothing and all, in few round steps."""
    found = axis_around(shares)
    assert (found.low, found.high) == (axis.low, axis.high)
    assert all(0 <= found.place(share) <= 100 for share in shares)
    assert len(found.ticks(ENGLISH)) <= 6


def test_the_accuracy_lies_between_the_ticks_with_the_rule_beside_it() -> None:
    """Both models and the rubric's line share one axis."""
    report = make_report(
        targets=(0,) * 50 + (1,) * 50,
        candidate=(0,) * 50 + (1,) * 48 + (0,) * 2,
        baseline=(0,) * 50 + (1,) * 45 + (0,) * 5,
        rubric=make_rubric("accuracy >= 0.97", "loss <= 3"),
    )
    picture = accuracy_picture(report, ENGLISH)
    candidate, baseline = picture.marks
    assert (candidate.model, candidate.text, baseline.text) == ("candidate", "98.0 %", "95.0 %")
    assert baseline.place < picture.lines[0].place < candidate.place
    assert candidate.low < candidate.place < candidate.high
    assert [(line.text, line.is_met) for line in picture.lines] == [("97.0 % required", True)]


def test_every_criterion_is_a_line_in_words() -> None:
    """With what was found, and its points."""
    report = make_report(
        rubric=make_rubric("accuracy >= 0.9", "n_regressions <= 3 against the first stage")
    )
    first, second = criterion_lines(report, ENGLISH)
    assert (first.rule, first.found, first.points) == (
        "accuracy: at least 90.0 %",
        "75.0 %",
        "0 / 1",
    )
    assert (second.found, second.is_met) == ("–", False)  # noqa: RUF001 - the dash of tables


@pytest.mark.parametrize(
    ("n_improvements", "n_regressions", "squares"),
    [(4, 1, (4, 1, 1)), (0, 0, (0, 0, 1)), (24, 0, (24, 0, 1)), (407, 43, (24, 3, 17))],
)
def test_flips_are_at_most_two_dozen_squares(
    n_improvements: int, n_regressions: int, squares: tuple[int, int, int]
) -> None:
    """One for each image while that fits, else one for several."""
    shown = flips(n_improvements, n_regressions)
    assert (shown.improvements, shown.regressions, shown.n_per_square) == squares


def test_the_worst_class_has_the_lowest_recall() -> None:
    """With the baseline's recall of the same class."""
    report = make_report(targets=(0, 0, 1, 1), candidate=(0, 0, 0, 1), baseline=(0, 1, 1, 1))
    worst = worst_class(report, ENGLISH)
    assert worst is not None
    assert (worst.label, worst.support) == ("wren", 2)
    assert [one.text for one in worst.marks] == ["50.0 %", "100.0 %"]


@pytest.mark.parametrize("candidate", [(0, 0, 1, 1)])
def test_without_a_mistake_there_is_no_worst_class(candidate: tuple[int, ...]) -> None:
    """And no confusion."""
    report = make_report(candidate=candidate)
    assert worst_class(report, ENGLISH) is None
    assert top_confusion(report, ()) is None


def mistaken() -> GradeReport:
    """Three robins taken for wrens and a wren taken for a robin, which alone is a regression."""
    return make_report(targets=(0, 0, 0, 1, 1), candidate=(1, 1, 1, 0, 1), baseline=(1, 1, 1, 1, 1))


def test_the_most_frequent_confusion_has_two_photos() -> None:
    """Of the images that were confused so."""
    report = mistaken()
    assert report.evidence is not None
    confusion = top_confusion(report, cards(report.evidence))
    assert confusion is not None
    assert (confusion.pair.label, confusion.pair.prediction, confusion.support) == (
        "robin",
        "wren",
        3,
    )
    assert confusion.positions == (0, 1)


def test_mistakes_begin_with_what_the_candidate_broke() -> None:
    """Images that are on the screen already come last."""
    report = mistaken()
    assert report.evidence is not None
    confusion = top_confusion(report, cards(report.evidence))
    assert shown_mistakes(galleries(report, report.evidence), confusion) == (3, 2, 0)
    assert shown_mistakes((), None) == ()


def test_notices_are_divided_by_whether_they_touch_the_grade() -> None:
    """None is lost and none is there twice."""
    notices = (Notice(code="small_images", n=1), Notice(code="copies", n=1), Notice(code="ties"))
    report = replace(make_report(), notices=notices)
    assert [one.code for one in grade_notices(report)] == ["copies", "ties"]
    assert [one.code for one in other_notices(report)] == ["small_images"]


def test_classes_begin_with_the_worst() -> None:
    """Those without images come last, and without a baseline nothing changed."""
    report = make_report(labels=("a", "b", "c"), targets=(0, 0, 1), candidate=(0, 1, 1))
    rows = class_rows(report, ENGLISH)
    assert [(row.label, row.recall) for row in rows] == [("a", 0.5), ("b", 1.0), ("c", None)]
    assert n_undecided(rows) == 0
    assert [len(row.marks) for row in rows] == [1, 1, 0]


def test_a_class_row_has_both_models_and_a_sentence() -> None:
    """Which says that the images can't tell."""
    report = make_report(baseline=(0, 0, 0, 1))
    rows = class_rows(report, ENGLISH)
    assert n_undecided(rows) == 2
    assert [one.model for one in rows[0].marks] == ["candidate", "baseline"]
    assert rows[0].sentence.startswith("Not enough images to tell")


def test_the_rubric_of_the_page_has_its_rules_in_words() -> None:
    """In the reader's language; outcome, points and reason stay."""
    report = make_report(rubric=make_rubric("accuracy >= 0.9"))
    ((rule, outcome, points, reason),) = worded_rubric(report, language_of("es")).rows
    assert rule == "exactitud: al menos 90,0 %"
    assert (outcome, points) == ("no cumplido", "0 / 1")
    assert reason
