"""Scores of each class are those worked out by hand, by scikit-learn and by scipy."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn import metrics as oracle

from grader.results.answers import Predictions
from grader.results.scores import ClassScore, OneVsRest, Undefined
from grader.scoring.intervals import wilson_interval
from grader.scoring.per_class import class_scores, confusion_matrix, undefined_numbers
from grader.scoring.sample_sizes import independent
from tests.factories import LABELS, as_targets, make_predictions
from tests.grader.scoring.answering import FIVE_LABELS, as_predictions, random_answers

# Worked by hand: of 4 robins 3 are found, of 6 wrens 4; so 5 are called robin and 5 wren.
TARGETS = as_targets([0] * 4 + [1] * 6)
PREDICTED = [0, 0, 0, 1, 0, 0, 1, 1, 1, 1]


def scores_of(predicted: list[int], targets: list[int]) -> tuple[ClassScore, ...]:
    """Scores of robins and wrens."""
    return class_scores(make_predictions(predicted), independent(as_targets(targets)), level=0.95)


def both() -> tuple[ClassScore, ...]:
    """The scores of the example worked by hand."""
    return scores_of(PREDICTED, TARGETS.tolist())


def test_the_matrix_has_the_true_class_down_and_the_predicted_one_across() -> None:
    """The 2x2 worked by hand."""
    found = confusion_matrix(TARGETS, as_targets(PREDICTED), vocab=LABELS)
    assert found.counts == ((3, 1), (2, 4))


def test_recall_precision_and_f1_are_the_ones_worked_by_hand() -> None:
    """Recall 3/4 and 4/6, precision 3/5 and 4/5, F1 6/9 and 8/11."""
    robin, wren = both()
    assert (robin.label, robin.support, robin.recall, robin.precision) == ("robin", 4, 3 / 4, 3 / 5)
    assert (wren.label, wren.support, wren.recall, wren.precision) == ("wren", 6, 4 / 6, 4 / 5)
    assert (robin.f1, wren.f1) == (6 / 9, 8 / 11)


def test_each_class_against_the_rest_is_the_one_worked_by_hand() -> None:
    """What is a miss of one class is a false alarm of the other."""
    robin, wren = both()
    assert robin.one_vs_rest == OneVsRest(tp=3, fp=2, fn=1, tn=4)
    assert wren.one_vs_rest == OneVsRest(tp=4, fp=1, fn=2, tn=3)


def test_recall_and_precision_have_wilsons_intervals() -> None:
    """Over the images of the class, and over those predicted as it."""
    robin, _ = both()
    assert robin.recall_interval == wilson_interval(3, 4, level=0.95)
    assert robin.precision_interval == wilson_interval(3, 5, level=0.95)


def test_the_mean_loss_of_a_class_is_the_one_worked_by_hand() -> None:
    """Of four robins three got 3/4 and one got 1/4."""
    robin, _ = both()
    assert robin.mean_loss == pytest.approx(-(3 * np.log(3 / 4) + np.log(1 / 4)) / 4)


def test_the_area_is_the_one_worked_by_hand() -> None:
    """Of 24 pairs of a robin and a wren, the robin is surer in 12, and 10 tie."""
    robin, wren = both()
    assert robin.auc == pytest.approx((3 * 4 + (3 * 2 + 1 * 4) / 2) / 24)
    assert wren.auc == pytest.approx(robin.auc)


@pytest.mark.parametrize("seed", range(5))
def test_the_matrix_is_scikit_learns(seed: int) -> None:
    """Two hundred random answers in five classes."""
    targets, predictions = random_answers(seed)
    found = confusion_matrix(targets, predictions.predictions, vocab=FIVE_LABELS).counts
    expected = oracle.confusion_matrix(targets, predictions.predictions, labels=range(5))
    assert found == tuple(map(tuple, expected.tolist()))


@pytest.mark.parametrize("seed", range(5))
def test_recall_precision_f1_and_support_are_scikit_learns(seed: int) -> None:
    """Of each class."""
    targets, predictions = random_answers(seed)
    scores = class_scores(predictions, independent(targets), level=0.95)
    found = [(one.precision, one.recall, one.f1, one.support) for one in scores]
    expected = oracle.precision_recall_fscore_support(
        targets, predictions.predictions, labels=range(5)
    )
    np.testing.assert_allclose(np.array(found, dtype=float), np.array(expected).T, rtol=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_each_class_against_the_rest_is_scikit_learns(seed: int) -> None:
    """scikit-learn's 2x2 matrices have the negatives first."""
    targets, predictions = random_answers(seed)
    scores = class_scores(predictions, independent(targets), level=0.95)
    expected = oracle.multilabel_confusion_matrix(targets, predictions.predictions, labels=range(5))
    cells = [one.one_vs_rest for one in scores if one.one_vs_rest is not None]
    assert [[[one.tn, one.fp], [one.fn, one.tp]] for one in cells] == expected.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_mann_and_whitneys(seed: int) -> None:
    """The share of pairs in which the class's image is the surer one, by scipy."""
    targets, predictions = random_answers(seed)
    scores = class_scores(predictions, independent(targets), level=0.95)
    for index, one in enumerate(scores):
        sure, is_true = predictions.probabilities[:, index], targets == index
        won = mannwhitneyu(sure[is_true], sure[~is_true]).statistic
        assert one.auc == pytest.approx(won / (is_true.sum() * (~is_true).sum()))


@pytest.mark.parametrize("seed", range(5))
def test_mean_losses_are_scikit_learns(seed: int) -> None:
    """Of each class's images alone."""
    targets, predictions = random_answers(seed)
    for index, one in enumerate(class_scores(predictions, independent(targets), level=0.95)):
        mine = targets == index
        expected = oracle.log_loss(
            targets[mine], predictions.probabilities[mine], labels=list(range(5))
        )
        assert one.mean_loss == pytest.approx(expected)


def test_a_class_without_images_has_no_recall() -> None:
    """Recall is undefined, precision is 0 where the class was predicted all the same."""
    _, wren = scores_of([0, 0, 0, 1], [0, 0, 0, 0])
    assert (wren.support, wren.recall, wren.precision, wren.f1) == (0, None, 0.0, 0.0)
    assert (wren.recall_interval, wren.mean_loss, wren.auc) == (None, None, None)
    assert wren.precision_interval is not None


def test_a_class_that_was_never_predicted_has_no_precision() -> None:
    """Precision is undefined, recall is 0."""
    _, wren = scores_of([0] * 5, [0, 0, 0, 1, 1])
    assert (wren.recall, wren.precision, wren.f1) == (0.0, None, 0.0)
    assert wren.precision_interval is None


def test_a_class_neither_there_nor_predicted_has_no_f1() -> None:
    """All three shares are undefined."""
    _, wren = scores_of([0] * 3, [0] * 3)
    assert (wren.recall, wren.precision, wren.f1) == (None, None, None)


def test_where_every_image_is_of_one_class_no_area_is_defined() -> None:
    """There is no pair to compare."""
    robin, wren = scores_of([0, 1], [0, 0])
    assert (robin.auc, wren.auc) == (None, None)
    assert robin.recall == 1 / 2


def test_one_image_is_enough_for_what_is_defined() -> None:
    """A recall of 1, and no area."""
    robin, _ = scores_of([0], [0])
    assert (robin.support, robin.recall, robin.precision, robin.auc) == (1, 1.0, 1.0, None)


def test_a_class_that_the_model_lacks_is_scored_by_the_others() -> None:
    """Its probability is 0 on every image, which separates nothing."""
    logits = np.array([[1.0, 0.0], [0.0, 1.0]])
    lacking = as_predictions(logits, labels=LABELS)
    predictions = Predictions(
        labels=(*LABELS, "owl"),
        vocab_labels=LABELS,
        log_probabilities=np.column_stack([lacking.log_probabilities, np.full(2, -np.inf)]),
        predictions=as_targets([0, 1]),
    )
    *_, owl = class_scores(predictions, independent(as_targets([0, 1])), level=0.95)
    assert (owl.support, owl.recall, owl.precision, owl.auc, owl.mean_loss) == (0, *[None] * 4)


def test_every_undefined_number_is_logged_with_its_reason() -> None:
    """Class by class, and nothing that is defined."""
    scores = scores_of([0, 0], [0, 0])
    assert list(undefined_numbers(scores)) == [
        Undefined(metric="auc", label="robin", reason="no_other_images"),
        Undefined(metric="recall", label="wren", reason="no_images"),
        Undefined(metric="precision", label="wren", reason="never_predicted"),
        Undefined(metric="f1", label="wren", reason="no_images"),
        Undefined(metric="auc", label="wren", reason="no_images"),
        Undefined(metric="mean_loss", label="wren", reason="no_images"),
    ]


def test_nothing_is_logged_where_all_is_defined() -> None:
    """The log is empty."""
    assert list(undefined_numbers(both())) == []
