"""Scores are what a hand, scikit-learn and the laws of counting say."""

import doctest
import math

import numpy as np
import pytest
from sklearn import metrics as oracle

from grader.results import Predictions
from grader.scores import ConfusionMatrix, OneVsRest
from grader.scoring import metrics
from grader.scoring.metrics import confusion_matrix, cross_entropy, per_class_scores, score
from grader.scoring.probabilities import class_predictions
from tests.factories import LABELS, as_targets, make_predictions, never_asked

# Worked by hand: of 4 robins 3 are found, of 6 wrens 4; so 5 are called robin and 5 wren.
TARGETS = as_targets([0] * 4 + [1] * 6)
PREDICTED = [0, 0, 0, 1, 0, 0, 1, 1, 1, 1]
COUNTS = ((3, 1), (2, 4))
FIVE_LABELS = ("a", "b", "c", "d", "e")


def test_the_matrix_has_the_true_class_down_and_the_predicted_one_across() -> None:
    """The 2x2 worked by hand."""
    assert confusion_matrix(TARGETS, as_targets(PREDICTED), vocab=LABELS).counts == COUNTS


def test_recall_precision_and_f1_are_the_ones_worked_by_hand() -> None:
    """Recall 3/4 and 4/6, precision 3/5 and 4/5, F1 6/9 and 8/11."""
    robin, wren = per_class_scores(ConfusionMatrix(vocab=LABELS, counts=COUNTS))
    assert (robin.label, robin.support, robin.recall, robin.precision) == ("robin", 4, 3 / 4, 3 / 5)
    assert (wren.label, wren.support, wren.recall, wren.precision) == ("wren", 6, 4 / 6, 4 / 5)
    assert (robin.f1, wren.f1) == (6 / 9, 8 / 11)


def test_each_class_against_the_rest_is_the_one_worked_by_hand() -> None:
    """What is a miss of one class is a false alarm of the other."""
    robin, wren = per_class_scores(ConfusionMatrix(vocab=LABELS, counts=COUNTS))
    assert robin.one_vs_rest == OneVsRest(tp=3, fp=2, fn=1, tn=4)
    assert wren.one_vs_rest == OneVsRest(tp=4, fp=1, fn=2, tn=3)


def test_the_loss_is_the_mean_negative_log_probability() -> None:
    """Seven images got 3/4 on their class and three got 1/4."""
    expected = -(7 * math.log(3 / 4) + 3 * math.log(1 / 4)) / 10
    assert cross_entropy(make_predictions(PREDICTED), TARGETS) == pytest.approx(expected, rel=1e-14)


def test_an_unreadable_image_counts_as_wrong_for_accuracy_only() -> None:
    """Seven right of ten scored and two unreadable: 7/12, and 7/10 of the readable."""
    found = score(make_predictions(PREDICTED), TARGETS, n_images=12).metrics
    assert (found.n_correct, found.n_scored) == (7, 10)
    assert (found.accuracy, found.accuracy_readable) == (7 / 12, 7 / 10)


def test_ties_are_counted_among_the_scored_images() -> None:
    """Two of three images have two classes at the top; the prediction is one of them."""
    predictions = Predictions(
        labels=LABELS,
        vocab_labels=LABELS,
        log_probabilities=np.log([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]]),
        predictions=as_targets([1, 1, 0]),
    )
    found = score(predictions, as_targets([1, 1, 1]), n_images=3).metrics
    assert (found.n_ties, found.n_correct) == (2, 2)


def test_a_class_without_images_has_no_recall() -> None:
    """Recall is undefined, precision is 0 where the class was predicted all the same."""
    _, wren = per_class_scores(ConfusionMatrix(vocab=LABELS, counts=((3, 1), (0, 0))))
    assert (wren.support, wren.recall, wren.precision, wren.f1) == (0, None, 0.0, 0.0)


def test_a_class_that_was_never_predicted_has_no_precision() -> None:
    """Precision is undefined, recall is 0."""
    _, wren = per_class_scores(ConfusionMatrix(vocab=LABELS, counts=((3, 0), (2, 0))))
    assert (wren.recall, wren.precision, wren.f1) == (0.0, None, 0.0)


def test_a_class_neither_there_nor_predicted_has_no_f1() -> None:
    """All three shares are undefined."""
    _, wren = per_class_scores(ConfusionMatrix(vocab=LABELS, counts=((3, 0), (0, 0))))
    assert (wren.recall, wren.precision, wren.f1) == (None, None, None)


@pytest.mark.parametrize("seed", range(5))
def test_the_matrix_is_scikit_learns(seed: int) -> None:
    """Two hundred random answers in five classes."""
    targets, predicted = np.random.default_rng(seed).integers(0, 5, (2, 200), dtype=np.intp)
    found = confusion_matrix(targets, predicted, vocab=FIVE_LABELS).counts
    expected = oracle.confusion_matrix(targets, predicted, labels=range(5))
    np.testing.assert_array_equal(np.array(found), expected)


@pytest.mark.parametrize("seed", range(5))
def test_the_classes_scores_are_scikit_learns(seed: int) -> None:
    """Precision, recall, F1 and support of each class."""
    targets, predicted = np.random.default_rng(seed).integers(0, 5, (2, 200), dtype=np.intp)
    scores = per_class_scores(confusion_matrix(targets, predicted, vocab=FIVE_LABELS))
    found = [(one.precision, one.recall, one.f1, one.support) for one in scores]
    expected = oracle.precision_recall_fscore_support(targets, predicted, labels=range(5))
    np.testing.assert_allclose(np.array(found, dtype=float), np.array(expected).T, rtol=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_loss_and_accuracy_are_scikit_learns(seed: int) -> None:
    """From random logits, over images that could all be read."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, 5, 200, dtype=np.intp)
    logits = generator.normal(scale=3, size=(200, 5))
    predictions = class_predictions(
        logits, output_labels=FIVE_LABELS, labels=FIVE_LABELS, image_sha256=never_asked
    )
    found = score(predictions, targets, n_images=200).metrics
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert found.loss == pytest.approx(oracle.log_loss(targets, probabilities, labels=range(5)))
    assert found.accuracy == oracle.accuracy_score(targets, logits.argmax(axis=1))


def test_the_examples_of_the_module_run() -> None:
    """The docstrings show what the code does."""
    outcome = doctest.testmod(metrics)
    assert outcome.attempted > 0
    assert outcome.failed == 0
