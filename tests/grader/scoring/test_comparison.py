"""Candidate against baseline: which images were broken and which mended."""

import pytest

from grader.results import ClassChange, Comparison, Flip
from grader.scoring.comparison import compare
from tests.factories import LABELS, as_targets, make_images, make_scored

# Planted: robin/1 and wren/4 are broken, wren/3 is mended, wren/5 stays wrong.
TARGETS = (0, 0, 0, 1, 1, 1)
BASELINE = (0, 0, 0, 0, 1, 0)
CANDIDATE = (0, 1, 0, 1, 0, 0)


def planted(*, n_images: int = 6) -> Comparison:
    """The comparison of the planted answers."""
    return compare(
        make_scored(BASELINE, TARGETS, name="baseline.pkl", n_images=n_images),
        make_scored(CANDIDATE, TARGETS, n_images=n_images),
        images=make_images(TARGETS, labels=LABELS),
        targets=as_targets(TARGETS),
        n_images=n_images,
    )


def test_regressions_are_exactly_the_planted_ones() -> None:
    """Each is named, with what both models said."""
    told = [("robin/1.png", "robin", "wren"), ("wren/4.png", "wren", "robin")]
    assert planted().regressions == tuple(
        Flip(image=image, label=label, baseline_prediction=label, candidate_prediction=said)
        for image, label, said in told
    )


def test_improvements_are_exactly_the_planted_ones() -> None:
    """An image that both models got wrong is none."""
    flip = Flip(
        image="wren/3.png",
        label="wren",
        baseline_prediction="robin",
        candidate_prediction="wren",
    )
    assert planted().improvements == (flip,)


def test_flips_are_counted_for_each_class() -> None:
    """With both recalls beside them."""
    robin, wren = planted().per_class
    assert robin == ClassChange(
        label="robin",
        support=3,
        baseline_recall=1.0,
        candidate_recall=2 / 3,
        n_regressions=1,
        n_improvements=0,
    )
    assert (wren.support, wren.baseline_recall, wren.candidate_recall) == (3, 1 / 3, 1 / 3)
    assert (wren.n_regressions, wren.n_improvements) == (1, 1)


def test_the_change_of_accuracy_is_per_image_of_the_folder() -> None:
    """One image fewer is right, of six scored and two unreadable."""
    assert planted(n_images=8).accuracy_change == pytest.approx(-1 / 8)


def test_one_image_more_is_a_change_of_exactly_one_share() -> None:
    """112 against 111 of 120 is 1/120, without the dust of a difference of two quotients."""
    targets = (0,) * 60 + (1,) * 60
    before, after = (1,) * 9 + targets[9:], (1,) * 8 + targets[8:]
    comparison = compare(
        make_scored(before, targets, name="baseline.pkl"),
        make_scored(after, targets),
        images=make_images(targets, labels=LABELS),
        targets=as_targets(targets),
        n_images=120,
    )
    assert comparison.accuracy_change == 1 / 120


def test_the_baseline_and_its_scores_are_kept() -> None:
    """A report can show both models."""
    comparison = planted()
    assert comparison.baseline.path == "models/baseline.pkl"
    assert comparison.baseline_scores.metrics.n_correct == 4


def test_the_same_answers_change_nothing() -> None:
    """No flips, and a change of 0."""
    model = make_scored(CANDIDATE, TARGETS)
    images = make_images(TARGETS, labels=LABELS)
    same = compare(model, model, images=images, targets=as_targets(TARGETS), n_images=6)
    assert (same.regressions, same.improvements, same.accuracy_change) == ((), (), 0.0)
