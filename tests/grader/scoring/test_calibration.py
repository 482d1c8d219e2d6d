"""Probabilities are compared with how often the answers are right."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from grader.results.answers import Predictions
from grader.results.scores import ReliabilityBin, Statistics
from grader.scoring.bootstrapping import resampled_sums
from grader.scoring.calibration import (
    bin_numbers,
    binned_gaps,
    brier_scores,
    calibration_error,
    calibration_interval,
    confidences,
    reliability_table,
)
from grader.scoring.intervals import wilson_interval
from grader.scoring.sample_sizes import independent
from tests.factories import LABELS, as_targets, make_predictions
from tests.grader.scoring.answering import FIVE_LABELS, as_predictions, random_answers

# By hand: confidences 0.9, 0.9, 0.6 and 0.55, of which the first, third and fourth are right.
SURE = np.array([0.9, 0.9, 0.6, 0.55])
TARGETS = as_targets([0, 1, 1, 0])


def sure_answers() -> Predictions:
    """Robin, robin, wren and robin, with these confidences."""
    first = np.array([0.9, 0.9, 0.4, 0.55])
    return Predictions(
        labels=LABELS,
        vocab_labels=LABELS,
        log_probabilities=np.log(np.column_stack([first, 1 - first])),
        predictions=as_targets([0, 0, 1, 0]),
    )


def interval_of(targets: NDArray[np.intp], predictions: Predictions) -> tuple[float, float]:
    """The interval of the calibration error in ten bins, from few resamples."""
    statistics = Statistics(n_resamples=200)
    parts = binned_gaps(predictions, targets, n_bins=10)
    redrawn = resampled_sums(parts, independent(targets), statistics)
    return calibration_interval(parts.sum(axis=0), redrawn, level=0.95)


def table_of(
    confidence: NDArray[np.float64], is_right: NDArray[np.bool_], statistics: Statistics
) -> tuple[ReliabilityBin, ...]:
    """The reliability table of images that all show photos of their own."""
    return reliability_table(confidence, is_right, np.arange(len(confidence)), statistics)


def test_the_brier_score_is_the_one_worked_by_hand() -> None:
    """0.9 on the truth leaves 0.01 + 0.01, on the other class 0.81 + 0.81."""
    found = brier_scores(sure_answers(), TARGETS)
    assert found == pytest.approx([0.02, 1.62, 0.32, 0.405])


@pytest.mark.parametrize("seed", range(3))
def test_the_brier_score_is_scikit_learns(seed: int) -> None:
    """Class by class, as scikit-learn has it for two classes, and added up."""
    targets, predictions = random_answers(seed)
    of_classes = [
        brier_score_loss(targets == index, predictions.probabilities[:, index])
        for index in range(len(FIVE_LABELS))
    ]
    assert brier_scores(predictions, targets).mean() == pytest.approx(sum(of_classes))


def test_the_brier_score_lies_between_0_and_2() -> None:
    """All on the truth, and all on another class."""
    sure = as_predictions(np.array([[800.0, 0.0], [800.0, 0.0]]), labels=LABELS)
    assert brier_scores(sure, as_targets([0, 1])).tolist() == [0, 2]


def test_confidence_is_the_predicted_classs_probability() -> None:
    """And no more than 1, whatever the rounding."""
    assert confidences(sure_answers()) == pytest.approx(SURE)
    assert confidences(as_predictions(np.array([[800.0, 0.0]]), labels=LABELS)).tolist() == [1]


def test_a_bin_holds_its_upper_edge() -> None:
    """The first bin holds 0 too."""
    edges = np.array([0.0, 0.1, 0.25, 0.25 + 1e-12, 0.5, 0.75, 1.0])
    assert bin_numbers(edges, n_bins=4).tolist() == [0, 0, 0, 1, 1, 2, 3]


def test_the_calibration_error_is_the_one_worked_by_hand() -> None:
    """Two images at 0.9, one right: 0.8 too sure. Of 0.6 and 0.55 both right: 0.85 too unsure."""
    gaps = binned_gaps(sure_answers(), TARGETS, n_bins=2).sum(axis=0)
    assert gaps == pytest.approx([0, (0.1 - 0.9 + 0.4 + 0.45) / 4])
    gaps = binned_gaps(sure_answers(), TARGETS, n_bins=10).sum(axis=0)
    assert gaps[[5, 8]] == pytest.approx([0.85 / 4, -0.8 / 4])
    assert calibration_error(gaps) == pytest.approx(1.65 / 4)


@pytest.mark.parametrize("seed", range(3))
def test_the_calibration_error_is_that_of_scikit_learns_curve(seed: int) -> None:
    """The bins' distances from the diagonal, by their images."""
    targets, predictions = random_answers(seed)
    is_right = predictions.predictions == targets
    accuracies, means = calibration_curve(is_right, confidences(predictions), n_bins=10)
    table = table_of(confidences(predictions), is_right, Statistics())
    weights = [one.n_images / 200 for one in table if one.n_images]
    expected = float(np.abs(accuracies - means) @ weights)
    gaps = binned_gaps(predictions, targets, n_bins=10).sum(axis=0)
    assert calibration_error(gaps) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_the_reliability_table_is_scikit_learns_curve(seed: int) -> None:
    """Without its empty bins, which scikit-learn leaves out."""
    targets, predictions = random_answers(seed, n_images=40)
    is_right = predictions.predictions == targets
    accuracies, means = calibration_curve(is_right, confidences(predictions), n_bins=10)
    table = table_of(confidences(predictions), is_right, Statistics())
    full = [one for one in table if one.n_images]
    assert [one.accuracy for one in full] == pytest.approx(accuracies)
    assert [one.confidence for one in full] == pytest.approx(means)


def test_the_reliability_table_counts_every_image_once() -> None:
    """Its bins follow each other from 0 to 1."""
    is_right = np.array([True, False, True, True])
    table = table_of(SURE, is_right, Statistics(n_bins=5))
    assert [one.low for one in table] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    assert [one.high for one in table[:-1]] == [one.low for one in table[1:]]
    assert table[-1].high == 1
    assert [one.n_images for one in table] == [0, 0, 2, 0, 2]
    assert table[4].accuracy == 1 / 2
    assert table[4].accuracy_interval == wilson_interval(1, 2, level=0.95)


def test_an_empty_bin_has_no_numbers() -> None:
    """Undefined is None."""
    empty = table_of(SURE, np.ones(4, dtype=np.bool_), Statistics(n_bins=10))[0]
    assert (empty.n_images, empty.confidence, empty.accuracy) == (0, None, None)
    assert empty.accuracy_interval is None


def test_a_model_that_is_as_sure_as_it_is_right_has_no_error() -> None:
    """3 of 4 right at a confidence of 3/4."""
    targets = as_targets([0, 0, 0, 1])
    gaps = binned_gaps(make_predictions([0, 0, 0, 0]), targets, n_bins=10).sum(axis=0)
    assert calibration_error(gaps) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_holds_the_error_within_0_and_1(seed: int) -> None:
    """Also of one image."""
    for n_images in (1, 2, 120):
        targets, predictions = random_answers(seed, n_images=n_images)
        gaps = binned_gaps(predictions, targets, n_bins=10).sum(axis=0)
        low, high = interval_of(targets, predictions)
        assert 0 <= low <= calibration_error(gaps) <= high <= 1


def test_the_interval_covers_the_truth_of_a_calibrated_model() -> None:
    """Its error is 0, though chance makes that of 120 images 0.06: in 93 % of test sets or more."""
    generator, n_sets, n_held = np.random.default_rng(7), 150, 0
    for _ in range(n_sets):
        logits = generator.normal(scale=2, size=(120, 3))
        chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        drawn = generator.random((120, 1)) < chances.cumsum(axis=1)
        targets = drawn.argmax(axis=1).astype(np.intp)
        n_held += interval_of(targets, as_predictions(logits, labels=("a", "b", "c")))[0] == 0
    assert n_held / n_sets >= 0.93


def test_the_interval_tells_a_model_that_is_far_too_sure() -> None:
    """Always sure by 0.99 or more, and right half the time."""
    logits = np.tile([[5.0, 0.0], [0.0, 5.0]], (60, 1))
    low, high = interval_of(as_targets([0, 0, 1, 1] * 30), as_predictions(logits, labels=LABELS))
    error = 1 / (1 + math.exp(-5)) - 0.5
    assert 0.3 < low < error < high < 0.7
