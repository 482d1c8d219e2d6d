"""Laws that hold whatever two models answer."""

import random
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.results.comparisons import Direction
from grader.results.scores import ModelScores
from grader.scoring.probabilities import class_predictions
from hidden_test_spec.rules import COMPARISONS, parse_rule
from tests.factories import make_scored
from tests.property.strategies import Answers, answers

OPPOSITE: dict[Direction, Direction] = {
    "better": "worse",
    "worse": "better",
    "undecided": "undecided",
}


def matrix_rows(scores: ModelScores) -> tuple[tuple[int, ...], ...]:
    """The rows of an instructor's matrix, none of which is withheld."""
    rows = scores.confusion_matrix.counts
    return tuple(row for row in rows if row is not None)


@given(answers())
def test_the_matrix_sums_to_the_scored_images(drawn: Answers) -> None:
    """Every image is in one cell."""
    scores = drawn.scored(drawn.candidate).scores
    assert sum(chain.from_iterable(matrix_rows(scores))) == scores.metrics.n_scored
    assert scores.metrics.n_scored == len(drawn.targets)


@given(answers())
def test_each_row_sums_to_the_support(drawn: Answers) -> None:
    """Which is the number of images of the class."""
    scores = drawn.scored(drawn.candidate).scores
    sums = [sum(row) for row in matrix_rows(scores)]
    assert sums == [one.support for one in scores.per_class]
    assert sums == [drawn.targets.count(index) for index in range(len(drawn.labels))]


@given(answers())
def test_each_class_against_the_rest_sums_to_the_scored_images(drawn: Answers) -> None:
    """Each of the four cells of each class is a part of them."""
    scores = drawn.scored(drawn.candidate).scores
    for one in scores.per_class:
        cells = one.one_vs_rest
        assert cells is not None
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
    for metric in ("loss", "balanced_accuracy", "macro_f1", "brier", "ece"):
        assert getattr(after.metrics, metric) == pytest.approx(getattr(before.metrics, metric))
    assert after.most_confused == before.most_confused
    assert set(after.undefined) == set(before.undefined)


@settings(max_examples=25)
@given(answers())
def test_swapping_the_models_swaps_regressions_and_improvements(drawn: Answers) -> None:
    """And the sign of every change, class by class."""
    there = drawn.comparison(drawn.baseline, drawn.candidate)
    back = drawn.comparison(drawn.candidate, drawn.baseline)
    assert there.changes is not None
    assert back.changes is not None
    broken = [flip.image for flip in there.changes.regressions]
    fixed = [flip.image for flip in there.changes.improvements]
    assert [flip.image for flip in back.changes.improvements] == broken
    assert [flip.image for flip in back.changes.regressions] == fixed
    assert back.accuracy_change == -there.accuracy_change
    assert back.loss_change == -there.loss_change
    assert back.mcnemar.p_value == there.mcnemar.p_value
    assert back.churn == there.churn
    assert back.negative_flip_rate == there.positive_flip_rate
    assert OPPOSITE[back.direction] == there.direction
    assert [OPPOSITE[one.direction] for one in back.per_class] == [
        one.direction for one in there.per_class
    ]


@settings(max_examples=25)
@given(answers())
def test_swapping_the_models_mirrors_the_intervals(drawn: Answers) -> None:
    """And exchanges the two tests of equivalence."""
    there = drawn.comparison(drawn.baseline, drawn.candidate)
    back = drawn.comparison(drawn.candidate, drawn.baseline)
    for interval, other in (
        (there.accuracy_change_interval, back.accuracy_change_interval),
        (there.loss_change_interval, back.loss_change_interval),
    ):
        assert (interval.low, interval.high) == pytest.approx((-other.high, -other.low), abs=1e-9)
    assert there.equivalence.p_non_inferior == pytest.approx(back.equivalence.p_non_superior)
    assert there.equivalence.p_non_superior == pytest.approx(back.equivalence.p_non_inferior)


@settings(max_examples=25)
@given(answers())
def test_intervals_hold_their_values(drawn: Answers) -> None:
    """Wilson's and Tango's always do, within their ranges; so does the calibration error's."""
    metrics = drawn.scored(drawn.candidate).scores.metrics
    comparison = drawn.comparison(drawn.baseline, drawn.candidate)
    for value, (low, high) in (
        (metrics.accuracy, metrics.accuracy_interval),
        (metrics.accuracy_readable, metrics.accuracy_readable_interval),
        (metrics.ece, metrics.ece_interval),
        *((one.accuracy, one.interval) for one in metrics.top_k),
    ):
        assert 0 <= low <= value <= high <= 1
    low, high = comparison.accuracy_change_interval
    assert -1 <= low <= comparison.accuracy_change <= high <= 1


@settings(max_examples=25)
@given(answers())
def test_a_change_is_told_as_soon_as_its_flips_suffice(drawn: Answers) -> None:
    """A class is better or worse if and only if it has the flips that it takes."""
    for one in drawn.comparison(drawn.baseline, drawn.candidate).per_class:
        assert one.n_regressions is not None
        assert one.n_improvements is not None
        n_more = max(one.n_regressions, one.n_improvements)
        assert (one.direction != "undecided") is (one.n_flips_to_tell == n_more)


@settings(max_examples=25)
@given(answers())
def test_shares_of_flips_and_churn_agree(drawn: Answers) -> None:
    """Whatever flips has changed its answer, and the matrix knows how often the model was right."""
    comparison = drawn.comparison(drawn.baseline, drawn.candidate)
    flips = comparison.negative_flip_rate + comparison.positive_flip_rate
    assert flips <= comparison.churn + 1e-12
    change = comparison.positive_flip_rate - comparison.negative_flip_rate
    assert comparison.accuracy_change == pytest.approx(change)


@settings(max_examples=25)
@given(answers())
def test_improvements_less_regressions_are_the_images_gained(drawn: Answers) -> None:
    """The change of accuracy is that number, of all images."""
    comparison = drawn.comparison(drawn.baseline, drawn.candidate)
    before, after = drawn.scored(drawn.baseline).scores, drawn.scored(drawn.candidate).scores
    gained = after.metrics.n_correct - before.metrics.n_correct
    assert comparison.n_improvements - comparison.n_regressions == gained
    assert comparison.accuracy_change == pytest.approx(gained / drawn.n_images)


@settings(max_examples=25)
@given(answers())
def test_flips_of_the_classes_add_up_to_all_flips(drawn: Answers) -> None:
    """Every flip belongs to one class."""
    comparison = drawn.comparison(drawn.baseline, drawn.candidate)
    broken = sum(one.n_regressions or 0 for one in comparison.per_class)
    fixed = sum(one.n_improvements or 0 for one in comparison.per_class)
    assert (broken, fixed) == (comparison.n_regressions, comparison.n_improvements)


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
