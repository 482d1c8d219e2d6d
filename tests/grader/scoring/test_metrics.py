"""Overall numbers are those worked out by hand, by scikit-learn and by counting."""

import math

import numpy as np
import pytest
from sklearn import metrics as oracle

from grader.results.answers import Predictions
from grader.results.scores import ConfusedPair, ConfusionMatrix, ModelScores, Statistics
from grader.scoring.intervals import wilson_interval
from grader.scoring.metrics import most_confused, score, top_k_accuracies
from tests.factories import LABELS, STATISTICS, as_targets, make_predictions
from tests.grader.scoring.answering import FIVE_LABELS, as_predictions, random_answers

# Worked by hand: of 4 robins 3 are found, of 6 wrens 4; so 5 are called robin and 5 wren.
TARGETS = as_targets([0] * 4 + [1] * 6)
PREDICTED = [0, 0, 0, 1, 0, 0, 1, 1, 1, 1]


def scores_of(
    predictions: Predictions, targets: list[int], *, n_unreadable: int = 0
) -> ModelScores:
    """All scores, with few resamples."""
    return score(
        predictions,
        as_targets(targets),
        n_images=len(targets) + n_unreadable,
        statistics=STATISTICS,
    )


def by_hand(*, n_unreadable: int = 0) -> ModelScores:
    """The scores of the example worked by hand."""
    return scores_of(make_predictions(PREDICTED), TARGETS.tolist(), n_unreadable=n_unreadable)


def test_the_loss_is_the_mean_negative_log_probability() -> None:
    """Seven images got 3/4 on their class and three got 1/4."""
    expected = -(7 * math.log(3 / 4) + 3 * math.log(1 / 4)) / 10
    assert by_hand().metrics.loss == pytest.approx(expected, rel=1e-14)


def test_an_unreadable_image_counts_as_wrong_for_accuracy_only() -> None:
    """Seven right of ten scored and two unreadable: 7/12, and 7/10 of the readable."""
    found = by_hand(n_unreadable=2).metrics
    assert (found.n_correct, found.n_scored) == (7, 10)
    assert (found.accuracy, found.accuracy_readable) == (7 / 12, 7 / 10)
    assert found.accuracy_interval == wilson_interval(7, 12, level=0.95)
    assert found.accuracy_readable_interval == wilson_interval(7, 10, level=0.95)


def test_means_over_the_classes_are_the_ones_worked_by_hand() -> None:
    """Recalls 3/4 and 4/6, F1 6/9 and 8/11."""
    found = by_hand().metrics
    assert found.balanced_accuracy == pytest.approx((3 / 4 + 4 / 6) / 2)
    assert found.macro_f1 == pytest.approx((6 / 9 + 8 / 11) / 2)


def test_brier_score_and_calibration_error_are_the_ones_worked_by_hand() -> None:
    """Right at 3/4 leaves 1/8, wrong 9/8; all are 0.75 sure and 7 of 10 right."""
    found = by_hand().metrics
    assert found.brier == pytest.approx((7 * 1 / 8 + 3 * 9 / 8) / 10)
    assert found.ece == pytest.approx(0.05)


@pytest.mark.parametrize("seed", range(5))
def test_metrics_are_scikit_learns(seed: int) -> None:
    """From random logits, over images that could all be read."""
    targets, predictions = random_answers(seed)
    found = scores_of(predictions, targets.tolist()).metrics
    predicted = predictions.predictions
    assert found.loss == pytest.approx(
        oracle.log_loss(targets, predictions.probabilities, labels=range(5))
    )
    assert found.accuracy == oracle.accuracy_score(targets, predicted)
    assert found.balanced_accuracy == pytest.approx(
        oracle.balanced_accuracy_score(targets, predicted)
    )
    assert found.macro_f1 == pytest.approx(oracle.f1_score(targets, predicted, average="macro"))


@pytest.mark.parametrize("seed", range(5))
def test_top_k_accuracies_are_scikit_learns(seed: int) -> None:
    """For 2 and 3 of five classes; 5 of 5 would always be right, so it is left out."""
    targets, predictions = random_answers(seed)
    found = scores_of(predictions, targets.tolist()).metrics.top_k
    assert [one.k for one in found] == [2, 3]
    for one in found:
        expected = oracle.top_k_accuracy_score(
            targets, predictions.probabilities, k=one.k, labels=range(5)
        )
        assert one.accuracy == expected
        assert one.interval == wilson_interval(round(expected * 200), 200, level=0.95)


def test_top_k_accuracies_are_the_ones_worked_by_hand() -> None:
    """The truth comes first, second, third and last of six; one more image can't be read."""
    logits = np.array([[6.0, 5, 4, 3, 2, 1]] * 4)
    found = top_k_accuracies(
        as_predictions(logits, labels=tuple("abcdef")),
        as_targets([0, 1, 2, 5]),
        n_images=5,
        level=0.95,
    )
    assert [(one.k, one.accuracy) for one in found] == [(2, 2 / 5), (3, 3 / 5), (5, 3 / 5)]


def test_a_truth_that_ties_counts_as_the_last_of_its_equals() -> None:
    """Of five classes that share everything, only the one drawn is a hit."""
    predictions = Predictions(
        labels=FIVE_LABELS,
        vocab_labels=FIVE_LABELS,
        log_probabilities=np.full((2, 5), math.log(0.2)),
        predictions=as_targets([3, 3]),
    )
    found = top_k_accuracies(predictions, as_targets([3, 0]), n_images=2, level=0.95)
    assert [one.accuracy for one in found] == [1 / 2, 1 / 2]


def test_two_classes_have_no_top_k() -> None:
    """Both are always among the two most probable."""
    assert by_hand().metrics.top_k == ()


def test_ties_are_counted_among_the_scored_images() -> None:
    """Two of three images have two classes at the top; the prediction is one of them."""
    predictions = Predictions(
        labels=LABELS,
        vocab_labels=LABELS,
        log_probabilities=np.log([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]]),
        predictions=as_targets([1, 1, 0]),
    )
    found = scores_of(predictions, [1, 1, 1]).metrics
    assert (found.n_ties, found.n_correct) == (2, 2)


def test_only_classes_with_images_or_answers_are_averaged() -> None:
    """Three classes, of which the second is only answered and the third is neither."""
    predictions = make_predictions([0, 0, 0, 1], labels=("a", "b", "c"))
    found = scores_of(predictions, [0] * 4).metrics
    assert found.balanced_accuracy == 3 / 4
    assert found.macro_f1 == pytest.approx((6 / 7 + 0) / 2)


def test_the_most_confused_pairs_come_first_and_equals_by_name() -> None:
    """The diagonal is no confusion, and 0 no pair."""
    matrix = ConfusionMatrix(vocab=("a", "b", "c"), counts=((9, 2, 1), (3, 9, 0), (2, 0, 9)))
    assert most_confused(matrix) == (
        ConfusedPair(label="b", prediction="a", n_images=3),
        ConfusedPair(label="a", prediction="b", n_images=2),
        ConfusedPair(label="c", prediction="a", n_images=2),
        ConfusedPair(label="a", prediction="c", n_images=1),
    )


def test_one_image_can_be_scored() -> None:
    """A single image says nothing of how losses vary."""
    found = scores_of(make_predictions([0]), [0]).metrics
    assert (found.accuracy, found.balanced_accuracy, found.macro_f1) == (1, 1, 1)
    assert found.loss_interval == pytest.approx((found.loss, found.loss))
    assert found.accuracy_interval == wilson_interval(1, 1, level=0.95)


def test_the_intervals_of_losses_are_about_two_standard_errors_wide() -> None:
    """Of 2000 images, by scipy's and everybody's formula for a mean within classes."""
    targets, predictions = random_answers(1, n_images=2000)
    found = score(predictions, targets, n_images=2000, statistics=Statistics()).metrics
    losses = -predictions.log_probabilities[np.arange(2000), targets]
    variance = sum(losses[targets == one].var() * (targets == one).sum() for one in range(5))
    half = 1.96 * math.sqrt(variance) / 2000
    assert found.loss_interval == pytest.approx((found.loss - half, found.loss + half), abs=0.01)
    low, high = found.balanced_accuracy_interval
    assert low < found.balanced_accuracy < high
    assert found.accuracy_interval.high - found.accuracy_interval.low == pytest.approx(
        high - low, rel=0.1
    )


def test_the_same_seed_gives_the_same_scores() -> None:
    """A report can be made again."""
    targets, predictions = random_answers(2)
    once, again, other = (
        score(predictions, targets, n_images=200, statistics=Statistics(n_resamples=50, seed=seed))
        for seed in (0, 0, 1)
    )
    assert once == again
    assert once.metrics.ece_interval != other.metrics.ece_interval
