"""Two finished runs are paired by the images' hashes and classes, not by their names."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from grader.errors import BadInputError
from grader.grading.comparing import compare_reports
from grader.results.editions import edition
from grader.results.report import GradeReport, Notice
from tests.factories import make_report

TARGETS = (0, 0, 0, 1, 1, 1)
BEFORE = (0, 0, 1, 1, 1, 0)
AFTER = (0, 1, 0, 1, 1, 1)


def run(predicted: Sequence[int], *, targets: Sequence[int] = TARGETS) -> GradeReport:
    """A finished run without a baseline."""
    return make_report(targets=targets, candidate=predicted)


def renamed(report: GradeReport, *, skip: int = 0) -> GradeReport:
    """The same run with every image under another name, and without the first few."""
    evidence = report.evidence
    assert evidence is not None
    images = tuple(
        replace(image, name=f"{image.label}/again-{number}.png")
        for number, image in enumerate(evidence.images)
    )
    predictions = evidence.predictions
    kept = replace(
        predictions,
        log_probabilities=predictions.log_probabilities[skip:],
        predictions=predictions.predictions[skip:],
    )
    return replace(report, evidence=replace(evidence, images=images[skip:], predictions=kept))


def test_the_same_images_give_the_comparison_of_a_grading() -> None:
    """One regression and two improvements, and every other number of it."""
    found = compare_reports(run(BEFORE), run(AFTER))
    graded = make_report(targets=TARGETS, candidate=AFTER, baseline=BEFORE)
    assert graded.comparison is not None
    assert found.comparison == replace(
        graded.comparison, baseline=replace(graded.comparison.baseline, path="models/candidate.pkl")
    )
    assert found.notices == ()
    assert found.scores == graded.scores


def test_images_are_paired_by_hash_and_not_by_name() -> None:
    """The second run's folder was renamed; its names are shown."""
    found = compare_reports(run(BEFORE), renamed(run(AFTER)))
    assert found.comparison is not None
    changes = found.comparison.changes
    assert changes is not None
    assert [flip.image for flip in changes.regressions] == ["robin/again-1.png"]
    assert found.comparison.n_improvements == 2


def test_different_test_sets_are_refused_with_what_differs() -> None:
    """The second run lacks one image."""
    with pytest.raises(
        BadInputError, match=r'5 images are in both; only in the first: 1 \("robin/0'
    ):
        compare_reports(run(BEFORE), renamed(run(AFTER), skip=1))


def test_different_test_sets_are_compared_where_asked_on_what_they_share() -> None:
    """Five images are left, and the sixth is named."""
    found = compare_reports(run(BEFORE), renamed(run(AFTER), skip=1), allow_different=True)
    assert found.notices == (Notice(code="only_in_first", n=1, images=("robin/0.png",)),)
    assert found.test_set.n_images == 5
    assert found.comparison is not None
    assert found.comparison.accuracy_change == pytest.approx(1 / 5)


def test_an_image_that_one_run_could_not_read_is_left_out_for_both() -> None:
    """As it does in a grading of both models at once."""
    first = run(BEFORE)
    assert first.evidence is not None
    torn = replace(first.evidence.images[0], unreadable="torn")
    predictions = first.evidence.predictions
    kept = replace(
        predictions,
        log_probabilities=predictions.log_probabilities[1:],
        predictions=predictions.predictions[1:],
    )
    images = (torn, *first.evidence.images[1:])
    partly_read = replace(first, evidence=replace(first.evidence, images=images, predictions=kept))
    found = compare_reports(partly_read, run(AFTER))
    assert found.test_set.n_unreadable == 1
    assert found.scores.metrics.accuracy == pytest.approx(4 / 5)
    assert found.evidence is not None
    assert found.evidence.unreadable[0].unreadable == "the first run could not read it"


def test_classes_may_stand_in_another_order() -> None:
    """The first run had no spec and another vocab: the numbers are by class, not by column."""
    turned = make_report(
        labels=("wren", "robin"),
        targets=[1 - target for target in TARGETS],
        candidate=[1 - one for one in BEFORE],
    )
    found = compare_reports(turned, run(AFTER))
    straight = compare_reports(run(BEFORE), run(AFTER))
    assert found.comparison is not None
    assert straight.comparison is not None
    assert found.comparison.baseline_scores == straight.comparison.baseline_scores


def test_other_classes_are_refused() -> None:
    """A run over finches can't be compared with one over wrens."""
    finches = make_report(labels=("robin", "finch"), targets=TARGETS, candidate=BEFORE)
    with pytest.raises(
        BadInputError, match='different classes: "finch", "robin", and "robin", "wren"'
    ):
        compare_reports(finches, run(AFTER))


def test_a_students_edition_can_t_be_paired() -> None:
    """It has no images."""
    student = edition(run(BEFORE), "student")
    with pytest.raises(BadInputError, match="student's edition"):
        compare_reports(student, run(AFTER))


def test_nothing_in_common_is_an_error_even_where_different_sets_are_allowed() -> None:
    """There is nothing to compare."""
    other = run(AFTER)
    assert other.evidence is not None
    images = tuple(
        replace(one, sha256=f"{90 + n:064x}") for n, one in enumerate(other.evidence.images)
    )
    other = replace(other, evidence=replace(other.evidence, images=images))
    with pytest.raises(BadInputError, match="No image was scored in both runs"):
        compare_reports(run(BEFORE), other, allow_different=True)
