"""Candidate against baseline: which images were broken or fixed, and whether that is decisive."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from grader.results.answers import Predictions
from grader.results.comparisons import ClassChange, Comparison, Flip, ImageChanges
from grader.results.scores import Statistics
from grader.scoring.comparison import Pairing, ScoredModel, compare
from grader.scoring.metrics import score
from grader.scoring.paired import FlipCounts, change_interval, equivalence, mcnemar_p
from tests.factories import (
    LABELS,
    STATISTICS,
    as_targets,
    make_model,
    make_records,
    make_scored,
)
from tests.grader.scoring.answering import FIVE_LABELS, random_answers

# Planted: robin/1 and wren/4 are broken, wren/3 is fixed, wren/5 stays wrong.
TARGETS = (0, 0, 0, 1, 1, 1)
BASELINE = (0, 0, 0, 0, 1, 0)
CANDIDATE = (0, 1, 0, 1, 0, 0)


def compared(
    before: Sequence[int],
    after: Sequence[int],
    targets: Sequence[int],
    *,
    labels: tuple[str, ...] = LABELS,
    n_images: int | None = None,
) -> Comparison:
    """The comparison of these answers."""
    n_images = n_images or len(targets)
    return compare(
        make_scored(before, targets, labels=labels, name="baseline.pkl", n_images=n_images),
        make_scored(after, targets, labels=labels, n_images=n_images),
        pairing_of(targets, labels=labels, n_images=n_images),
    )


def pairing_of(
    targets: Sequence[int],
    *,
    labels: tuple[str, ...] = LABELS,
    n_images: int | None = None,
    statistics: Statistics = STATISTICS,
) -> Pairing:
    """What two models are compared on."""
    return Pairing(
        images=make_records(targets, labels=labels),
        targets=as_targets(targets),
        n_images=n_images or len(targets),
        statistics=statistics,
    )


def planted(*, n_images: int = 6) -> Comparison:
    """The comparison of the planted answers."""
    return compared(BASELINE, CANDIDATE, TARGETS, n_images=n_images)


def changes_of(comparison: Comparison) -> ImageChanges:
    """The images that changed, which only a student's edition lacks."""
    assert comparison.changes is not None
    return comparison.changes


def sure_model(first: Sequence[float], targets: Sequence[int]) -> ScoredModel:
    """A model that gives robins these probabilities and wrens the rest."""
    probabilities = np.column_stack([first, 1 - np.array(first)])
    predictions = Predictions(
        labels=LABELS,
        vocab_labels=LABELS,
        log_probabilities=np.log(probabilities),
        predictions=probabilities.argmax(axis=1),
    )
    return scored(predictions, targets)


def scored(predictions: Predictions, targets: Sequence[int]) -> ScoredModel:
    """A model that gave these answers, with its scores."""
    return ScoredModel(
        info=make_model(),
        predictions=predictions,
        scores=score(
            predictions, as_targets(targets), n_images=len(targets), statistics=STATISTICS
        ),
    )


def test_regressions_are_exactly_the_planted_ones() -> None:
    """Each is named, with what both models said."""
    told = [("robin/1.png", "robin", "wren"), ("wren/4.png", "wren", "robin")]
    assert changes_of(planted()).regressions == tuple(
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
    assert changes_of(planted()).improvements == (flip,)


def test_flips_are_counted_and_shared_by_all_images() -> None:
    """Two broken and one fixed, of six scored and two unreadable."""
    comparison = planted(n_images=8)
    assert (comparison.n_regressions, comparison.n_improvements) == (2, 1)
    assert comparison.negative_flip_rate == 2 / 8
    assert comparison.positive_flip_rate == 1 / 8
    assert comparison.accuracy_change == -1 / 8
    flips = FlipCounts(n_regressions=2, n_improvements=1, n_images=8)
    assert comparison.accuracy_change_interval == change_interval(flips, level=0.95)
    assert comparison.mcnemar.p_value == mcnemar_p(2, 1)
    assert comparison.equivalence == equivalence(flips, margin=0.05, level=0.95)


def test_churn_counts_answers_that_changed_from_wrong_to_wrong_too() -> None:
    """One of three stays wrong, and is called something else."""
    comparison = compared((0, 1, 1), (0, 2, 1), (0, 0, 1), labels=("a", "b", "c"))
    assert comparison.churn == 1 / 3
    assert (comparison.n_regressions, comparison.n_improvements) == (0, 0)


def test_flips_are_counted_for_each_class() -> None:
    """With both recalls beside them, and the p of a class that can't be told as 1."""
    robin, wren = planted().per_class
    assert robin == ClassChange(
        label="robin",
        support=3,
        baseline_recall=1.0,
        candidate_recall=2 / 3,
        n_regressions=1,
        n_improvements=0,
        p_value=0.5,
        p_holm=1.0,
        direction="undecided",
        n_flips_to_tell=None,
        kind_to_tell=None,
        n_images_to_tell=78,
        change_to_tell=0.1,
    )
    assert (wren.support, wren.baseline_recall, wren.candidate_recall) == (3, 1 / 3, 1 / 3)
    assert (wren.n_regressions, wren.n_improvements) == (1, 1)


def test_a_class_is_told_better_or_worse_only_after_holms_correction() -> None:
    """Of two classes with 6 flips: 6 to 0 has a p of 1/64, twice that is 1/32; 5 flips are few."""
    targets = (0,) * 10 + (1,) * 10
    beside = (0,) * 3 + (1,) * 7, (1,) * 3 + (0,) * 3 + (1,) * 4
    six, five = (1,) * 6 + (0,) * 4, (1,) * 5 + (0,) * 5
    better = compared((*six, *beside[0]), (*targets[:10], *beside[1]), targets).per_class
    worse = compared((*targets[:10], *beside[0]), (*six, *beside[1]), targets).per_class
    fewer = compared((*five, *beside[0]), (*targets[:10], *beside[1]), targets).per_class
    assert (better[0].p_value, better[0].p_holm) == (1 / 64, 2 / 64)
    assert [one.direction for one in better] == ["better", "undecided"]
    assert [one.direction for one in worse] == ["worse", "undecided"]
    assert (fewer[0].p_value, fewer[0].p_holm) == (1 / 32, 1)
    assert (fewer[0].direction, fewer[0].n_flips_to_tell) == ("undecided", None)


def test_a_class_with_too_few_flips_to_be_told_makes_no_other_harder_to_tell() -> None:
    """Five flips have a p of 1/32, which stays beside a class with a single flip."""
    targets = (0,) * 10 + (1,) * 10
    before = (1,) * 5 + (0,) * 5 + (0,) + (1,) * 9
    robin, wren = compared(before, targets, targets).per_class
    assert (robin.p_holm, robin.direction) == (1 / 32, "better")
    assert (wren.p_value, wren.p_holm, wren.direction) == (0.5, 1.0, "undecided")


def test_no_more_flips_are_asked_for_than_the_baseline_left() -> None:
    """It made one mistake among ten robins: no number of improvements could tell."""
    targets = (0,) * 10 + (1,) * 10
    robin, wren = compared((1,) + (0,) * 9 + (1,) * 10, targets, targets).per_class
    assert (robin.n_improvements, robin.n_flips_to_tell, robin.kind_to_tell) == (1, None, None)
    assert (wren.n_flips_to_tell, wren.kind_to_tell) == (5, "regressions")


def test_a_class_without_images_is_not_tested() -> None:
    """It has no p, and the others' correction doesn't count it."""
    targets = (0,) * 6
    robin, wren = compared((1,) * 6, targets, targets).per_class
    assert (robin.p_holm, robin.direction) == (1 / 64, "better")
    assert (wren.support, wren.p_value, wren.p_holm) == (0, None, None)
    assert (wren.direction, wren.n_flips_to_tell, wren.n_images_to_tell) == (
        "undecided",
        None,
        None,
    )


def test_where_every_image_flips_the_candidate_is_better() -> None:
    """All 20 were wrong and are right."""
    targets = (0, 1) * 10
    comparison = compared((1, 0) * 10, targets, targets)
    assert (comparison.accuracy_change, comparison.direction) == (1, "better")
    low, high = comparison.accuracy_change_interval
    assert 0.6 < low < 0.8
    assert high == pytest.approx(1)
    assert comparison.churn == 1


def test_copies_of_a_photo_tell_no_more_than_the_photo() -> None:
    """Six improvements on copies of one photo each tell what three would, and the rates stay."""
    targets = (0,) * 20
    before, photos = (1,) * 6 + (0,) * 14, np.repeat(np.arange(10), 2)
    pairing = replace(pairing_of(targets), photos=photos)
    models = make_scored(before, targets), make_scored(targets, targets)
    comparison = compare(*models, pairing)
    assert comparison.accuracy_change == 6 / 20
    assert comparison.mcnemar.p_value == pytest.approx(mcnemar_p(0, 3))
    flips = FlipCounts(n_regressions=0, n_improvements=3, n_images=10)
    assert comparison.accuracy_change_interval == change_interval(flips, level=0.95)
    assert compare(*models, pairing_of(targets)).direction == "better"
    assert comparison.direction == "undecided"


def test_one_image_decides_nothing() -> None:
    """It was wrong and is right, and p is one half."""
    comparison = compared((1,), (0,), (0,))
    assert comparison.accuracy_change == 1
    assert (comparison.mcnemar.p_value, comparison.direction) == (0.5, "undecided")
    assert not comparison.equivalence.is_equivalent


def test_one_image_more_is_a_change_of_exactly_one_share() -> None:
    """112 against 111 of 120 is 1/120, without the dust of a difference of two quotients."""
    targets = (0,) * 60 + (1,) * 60
    before, after = (1,) * 9 + targets[9:], (1,) * 8 + targets[8:]
    assert compared(before, after, targets).accuracy_change == 1 / 120


def test_the_change_of_loss_is_the_difference_of_the_losses() -> None:
    """By hand: one of two images falls from 0.8 to 0.4."""
    comparison = compare(
        sure_model((0.8, 0.4), (0, 1)), sure_model((0.4, 0.4), (0, 1)), pairing_of((0, 1))
    )
    assert comparison.loss_change == pytest.approx((math.log(0.8) - math.log(0.4)) / 2)


def test_the_change_of_loss_is_drawn_in_pairs() -> None:
    """Two models that differ by half a nat on every image differ by that in every resample."""
    targets, predictions = random_answers(3)
    paired = Predictions(
        labels=predictions.labels,
        vocab_labels=predictions.vocab_labels,
        log_probabilities=predictions.log_probabilities - 0.5,
        predictions=predictions.predictions,
    )
    comparison = compare(
        scored(predictions, targets.tolist()),
        scored(paired, targets.tolist()),
        pairing_of(targets.tolist(), labels=FIVE_LABELS),
    )
    assert comparison.loss_change == pytest.approx(0.5)
    assert comparison.loss_change_interval == pytest.approx((0.5, 0.5))


def test_the_interval_of_the_change_of_loss_is_about_two_standard_errors_wide() -> None:
    """Of the differences, image by image, within the classes."""
    (targets, before), (_, after) = (random_answers(5, skill=skill) for skill in (1.0, 2.0))
    comparison = compare(
        scored(before, targets.tolist()),
        scored(after, targets.tolist()),
        pairing_of(targets.tolist(), labels=FIVE_LABELS, statistics=Statistics(n_resamples=2000)),
    )
    rows = np.arange(200)
    change = before.log_probabilities[rows, targets] - after.log_probabilities[rows, targets]
    variance = sum(change[targets == one].var() * (targets == one).sum() for one in range(5))
    half = 1.96 * math.sqrt(variance) / 200
    expected = comparison.loss_change - half, comparison.loss_change + half
    assert comparison.loss_change_interval == pytest.approx(expected, abs=0.1 * half)


def test_images_still_right_but_much_less_sure_are_named() -> None:
    """A fall of a quarter or more is told, a smaller one and one of a wrong answer are not."""
    targets = (0, 0, 0, 0)
    comparison = compare(
        sure_model((0.95, 0.95, 0.95, 0.45), targets),
        sure_model((0.65, 0.75, 0.15, 0.05), targets),
        pairing_of(targets),
    )
    (drop,) = changes_of(comparison).confidence_drops
    assert (drop.image, drop.label) == ("robin/0.png", "robin")
    assert drop.baseline_probability == pytest.approx(0.95)
    assert drop.candidate_probability == pytest.approx(0.65)
    assert (comparison.n_confidence_drops, comparison.n_confidence_gains) == (1, 0)


def test_images_still_right_and_much_surer_are_named() -> None:
    """The mirror of a drop."""
    targets = (0, 1)
    comparison = compare(
        sure_model((0.6, 0.4), targets), sure_model((0.9, 0.35), targets), pairing_of(targets)
    )
    assert [one.image for one in changes_of(comparison).confidence_gains] == ["robin/0.png"]
    assert (comparison.n_confidence_drops, comparison.n_confidence_gains) == (0, 1)


def test_the_baseline_and_its_scores_are_kept() -> None:
    """A report can show both models."""
    comparison = planted()
    assert comparison.baseline.path == "models/baseline.pkl"
    assert comparison.baseline_scores.metrics.n_correct == 4


def test_the_same_answers_change_nothing() -> None:
    """No flips, and a change of 0."""
    same = compared(CANDIDATE, CANDIDATE, TARGETS)
    assert (same.n_regressions, same.n_improvements, same.accuracy_change) == (0, 0, 0.0)
    assert (same.loss_change, same.loss_change_interval) == (0, (0, 0))
    assert (same.churn, same.mcnemar.p_value, same.direction) == (0, 1, "undecided")
    assert changes_of(same) == ImageChanges(
        regressions=(), improvements=(), confidence_drops=(), confidence_gains=()
    )
