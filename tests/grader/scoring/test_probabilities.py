"""Outputs of a model become probabilities of classes."""

import hashlib
import math
import unicodedata
from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.results.answers import Predictions
from grader.scoring.per_class import image_losses
from grader.scoring.probabilities import class_predictions, log_softmax, most_probable
from tests.factories import LABELS, as_targets, never_asked

BIRDS = ("owl", "robin", "wren")


def predict(
    logits: NDArray[np.float64], *, output_labels: tuple[str, ...], labels: tuple[str, ...]
) -> Predictions:
    """Class predictions of logits among which no classes tie."""
    return class_predictions(
        logits, output_labels=output_labels, labels=labels, image_sha256=never_asked
    )


def test_probabilities_are_the_softmax_worked_by_hand() -> None:
    """Logits ln 1, ln 2 and ln 5 give 1/8, 2/8 and 5/8."""
    logits = np.log([[1.0, 2.0, 5.0]])
    found = predict(logits, output_labels=("a", "b", "c"), labels=("a", "b", "c"))
    np.testing.assert_allclose(found.probabilities, [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-14)


def test_columns_follow_the_classes_and_not_the_outputs() -> None:
    """A vocab in another order changes the columns' order only."""
    logits = np.log([[1.0, 2.0, 5.0]])
    found = predict(logits, output_labels=("c", "a", "b"), labels=("a", "b", "c"))
    np.testing.assert_allclose(found.probabilities, [[2 / 8, 5 / 8, 1 / 8]], rtol=1e-14)
    assert found.vocab_labels == ("c", "a", "b")


def test_outputs_of_one_class_are_summed() -> None:
    """Two aliases with 2/8 and 3/8 beat the other class's 3/8."""
    logits = np.log([[2.0, 3.0, 3.0]])
    found = predict(logits, output_labels=("wren", "robin", "wren"), labels=LABELS)
    np.testing.assert_allclose(found.probabilities, [[3 / 8, 5 / 8]], rtol=1e-14)
    assert found.predictions.tolist() == [1]
    assert found.vocab_labels == ("wren", "robin")


@pytest.mark.parametrize("seed", range(3))
def test_every_row_sums_to_one(seed: int) -> None:
    """Whatever the logits and however many outputs a class has."""
    logits = np.random.default_rng(seed).normal(scale=50, size=(100, 4))
    found = predict(logits, output_labels=("a", "b", "a", "c"), labels=("a", "b", "c"))
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0, rtol=1e-13)


def test_extreme_logits_give_a_finite_loss() -> None:
    """A model that is sure of the wrong class by 2000 nats loses 2000 nats, not infinity."""
    logits = np.array([[1000.0, -1000.0], [1000.0, -1000.0]])
    found = predict(logits, output_labels=LABELS, labels=LABELS)
    assert image_losses(found, as_targets([0, 1])).mean() == pytest.approx(1000.0)


def test_small_probabilities_keep_their_digits() -> None:
    """Sums of aliases are taken in log space: two outputs at -900 nats are one at -900 + ln 2."""
    logits = np.array([[0.0, -900.0, -900.0]])
    found = predict(logits, output_labels=("robin", "wren", "wren"), labels=LABELS)
    assert found.log_probabilities[0, 1] == pytest.approx(-900 + math.log(2), rel=1e-14)


def test_a_class_without_an_output_has_probability_zero() -> None:
    """The model can't name it, so its column is 0 and it is not among the vocab's classes."""
    found = predict(np.log([[1.0, 2.0]] * 3), output_labels=("a", "c"), labels=("a", "b", "c"))
    np.testing.assert_array_equal(found.probabilities[:, 1], 0.0)
    assert found.vocab_labels == ("a", "c")


def test_adding_a_number_to_all_logits_changes_nothing() -> None:
    """Softmax knows only differences."""
    logits = np.array([[0.5, -1.0], [2.0, 3.0]])
    plain = predict(logits, output_labels=LABELS, labels=LABELS)
    moved = predict(logits + 40.0, output_labels=LABELS, labels=LABELS)
    np.testing.assert_allclose(moved.probabilities, plain.probabilities, rtol=1e-13)


@pytest.mark.parametrize("seed", range(20))
def test_outputs_in_another_order_give_the_same_to_the_bit(seed: int) -> None:
    """A vocab and a head that are permuted together are the same model."""
    generator = np.random.default_rng(seed)
    output_labels = ("a", "b", "a", "c", "a", "d")
    logits = generator.normal(scale=5, size=(50, 6))
    order = generator.permutation(6)

    plain = predict(logits, output_labels=output_labels, labels=("a", "b", "c", "d"))
    permuted = predict(
        logits[:, order],
        output_labels=tuple(output_labels[index] for index in order),
        labels=("a", "b", "c", "d"),
    )

    np.testing.assert_array_equal(permuted.log_probabilities, plain.log_probabilities)


def test_classes_that_tie_are_drawn_by_the_images_hash() -> None:
    """The images of rows 1 and 2 are asked for, and the others are not."""
    asked: list[int] = []

    def image_sha256(row: int) -> str:
        asked.append(row)
        return f"{row:064x}"

    logits = np.array([[1.0, 0.0], [2.0, 2.0], [-1.0, -1.0], [0.0, 1.0]])
    found = class_predictions(
        logits, output_labels=LABELS, labels=LABELS, image_sha256=image_sha256
    )

    assert asked == [1, 2]
    assert found.n_ties == 2
    assert (found.predictions[0], found.predictions[3]) == (0, 1)


def test_log_softmax_is_the_logarithm_of_the_softmax() -> None:
    """Worked by hand: 1/8, 2/8 and 5/8."""
    found = log_softmax(np.log([[1.0, 2.0, 5.0]]) + 3.0)
    np.testing.assert_allclose(found, np.log([[1 / 8, 2 / 8, 5 / 8]]), rtol=1e-14)


def image_sha256(row: int) -> str:
    """The hash of an image of its own for each row."""
    return hashlib.sha256(str(row).encode()).hexdigest()


def test_without_ties_the_most_probable_class_is_predicted_and_no_image_hashed() -> None:
    """Also where the lead is as small as a float can tell."""
    logs = np.array([[-2.0, -1.0, np.nextafter(-1.0, 0.0)], [0.0, -np.inf, -np.inf]])
    assert most_probable(logs, BIRDS, image_sha256=never_asked).tolist() == [2, 0]


def test_a_model_that_answers_nothing_favours_no_class() -> None:
    """Of 3000 images each of three classes gets 1000, give or take five standard deviations."""
    found = most_probable(np.zeros((3000, 3)), BIRDS, image_sha256=image_sha256)
    counts = Counter(found.tolist())
    assert all(
        abs(counts[column] - 1000) < 5 * (3000 * 1 / 3 * 2 / 3) ** 0.5 for column in range(3)
    )


def test_only_classes_at_the_top_are_drawn() -> None:
    """A third class that is a little less probable never wins."""
    logs = np.tile([-1.0, -1.1, -1.0], (200, 1))
    found = most_probable(logs, BIRDS, image_sha256=image_sha256)
    assert set(found.tolist()) == {0, 2}


@pytest.mark.parametrize("order", tuple(permutations(range(3))))
def test_the_order_of_the_classes_does_not_matter(order: tuple[int, ...]) -> None:
    """The same label is drawn for each image."""
    labels = tuple(BIRDS[column] for column in order)
    plain = most_probable(np.zeros((50, 3)), BIRDS, image_sha256=image_sha256)
    permuted = most_probable(np.zeros((50, 3)), labels, image_sha256=image_sha256)
    assert [labels[column] for column in permuted] == [BIRDS[column] for column in plain]


def test_the_spelling_of_a_label_does_not_matter() -> None:
    """A vocab from macOS, decomposed and in capitals, draws what the composed one draws."""
    labels = ("cigüeña", "cacatúa")
    strange = tuple(unicodedata.normalize("NFD", label.upper()) for label in labels)
    plain, other = (
        most_probable(np.zeros((50, 2)), names, image_sha256=image_sha256).tolist()
        for names in (labels, strange)
    )
    assert plain == other


def test_the_same_image_always_draws_the_same_class() -> None:
    """Copies of one image get one answer, wherever they stand."""
    found = most_probable(np.zeros((20, 3)), BIRDS, image_sha256=lambda _row: "ab" * 32)
    assert len(set(found.tolist())) == 1


def test_a_label_that_is_no_text_can_be_drawn() -> None:
    """A lone surrogate, as an undecodable folder name has it, breaks nothing."""
    found = most_probable(np.zeros((9, 2)), ("robin", "wren-\udcff"), image_sha256=image_sha256)
    assert set(found.tolist()) <= {0, 1}
