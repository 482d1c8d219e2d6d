"""Laws that hold for whatever two models say."""

import random
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.scoring.probabilities import class_predictions
from hidden_test_spec.rules import COMPARISONS, parse_rule
from tests.factories import make_scored
from tests.property.strategies import Answers, answers


@given(answers())
def test_the_matrix_sums_to_the_scored_images(drawn: Answers) -> None:
    """Every image is in one cell."""
    scores = drawn.scored(drawn.candidate).scores
    assert sum(chain.from_iterable(scores.confusion_matrix.counts)) == scores.metrics.n_scored
    assert scores.metrics.n_scored == len(drawn.targets)


@given(answers())
def test_each_row_sums_to_the_support(drawn: Answers) -> None:
    """Which is the number of images of the class."""
    scores = drawn.scored(drawn.candidate).scores
    sums = [sum(row) for row in scores.confusion_matrix.counts]
    assert sums == [one.support for one in scores.per_class]
    assert sums == [drawn.targets.count(index) for index in range(len(drawn.labels))]


@given(answers())
def test_each_class_against_the_rest_sums_to_the_scored_images(drawn: Answers) -> None:
    """Each of the four cells of each class is a part of them."""
    scores = drawn.scored(drawn.candidate).scores
    for one in scores.per_class:
        cells = one.one_vs_rest
        assert cells.tp + cells.fp + cells.fn + cells.tn == scores.metrics.n_scored
        assert cells.tp + cells.fn == one.support


@given(answers())
def test_shares_lie_between_0_and_1_and_are_undefined_only_without_a_whole(drawn: Answers) -> None:
    """Recall without support, precision without predictions, F1 without both."""
    for index, one in enumerate(drawn.scored(drawn.candidate).scores.per_class):
        is_there, is_predicted = index in drawn.targets, index in drawn.candidate
        assert (one.recall is None) is not is_there
        assert (one.precision is None) is not is_predicted
        assert (one.f1 is None) is not (is_there or is_predicted)
        assert all(0 <= share <= 1 for share in (one.recall, one.precision, one.f1) if share)


@given(answers(), st.randoms(use_true_random=False))
def test_relabelling_permutes_the_classes(drawn: Answers, shuffler: random.Random) -> None:
    """Scores follow a class to its new place, and the metrics stay."""
    order = list(range(len(drawn.labels)))
    shuffler.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    before = drawn.scored(drawn.candidate).scores
    after = make_scored(
        [place[index] for index in drawn.candidate],
        [place[index] for index in drawn.targets],
        labels=tuple(drawn.labels[old] for old in order),
        n_images=drawn.n_images,
    ).scores
    assert after.per_class == tuple(before.per_class[old] for old in order)
    assert (after.metrics.accuracy, after.metrics.n_correct) == (
        before.metrics.accuracy,
        before.metrics.n_correct,
    )
    assert after.metrics.loss == pytest.approx(before.metrics.loss)


@given(answers())
def test_swapping_the_models_swaps_regressions_and_improvements(drawn: Answers) -> None:
    """And the sign of the change."""
    there = drawn.comparison(drawn.baseline, drawn.candidate)
    back = drawn.comparison(drawn.candidate, drawn.baseline)
    broken = [flip.image for flip in there.regressions]
    mended = [flip.image for flip in there.improvements]
    assert [flip.image for flip in back.improvements] == broken
    assert [flip.image for flip in back.regressions] == mended
    assert back.accuracy_change == -there.accuracy_change


@given(answers())
def test_improvements_less_regressions_are_the_images_gained(drawn: Answers) -> None:
    """The change of accuracy is that number, of all images."""
    comparison = drawn.comparison(drawn.baseline, drawn.candidate)
    before, after = drawn.scored(drawn.baseline).scores, drawn.scored(drawn.candidate).scores
    gained = after.metrics.n_correct - before.metrics.n_correct
    assert comparison.n_improvements - comparison.n_regressions == gained
    assert comparison.accuracy_change == pytest.approx(gained / drawn.n_images)


@given(answers())
def test_flips_of_the_classes_add_up_to_all_flips(drawn: Answers) -> None:
    """Every flip belongs to one class."""
    comparison = drawn.comparison(drawn.baseline, drawn.candidate)
    broken = sum(one.n_regressions for one in comparison.per_class)
    mended = sum(one.n_improvements for one in comparison.per_class)
    assert (broken, mended) == (comparison.n_regressions, comparison.n_improvements)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(sorted(COMPARISONS)))
def test_a_threshold_is_read_as_the_number_that_was_written(number: float, sign: str) -> None:
    """Python's text of a float is a threshold that equals it."""
    assert parse_rule(f"loss {sign} {number!r}").threshold == number


@given(
    st.lists(st.tuples(*[st.sampled_from((-1.0, 0.0, 1.0))] * 4), min_size=1, max_size=12),
    st.permutations(range(4)),
)
def test_a_vocab_permuted_with_its_head_gives_the_same_answers(
    rows: list[tuple[float, ...]], order: list[int]
) -> None:
    """To the bit, ties included, also where one class has two outputs."""
    logits, vocab = np.array(rows), ("a", "b", "c", "a")
    plain, permuted = (
        class_predictions(
            logits[:, columns],
            output_labels=tuple(vocab[column] for column in columns),
            labels=("a", "b", "c"),
            image_sha256=str,
        )
        for columns in (list(range(4)), order)
    )
    assert permuted.predictions.tolist() == plain.predictions.tolist()
    assert permuted.log_probabilities.tolist() == plain.log_probabilities.tolist()
