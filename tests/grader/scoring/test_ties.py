"""Where classes share the top, the image decides, and no class is favoured."""

import hashlib
import unicodedata
from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from grader.scoring.ties import most_probable
from tests.factories import never_asked

BIRDS = ("owl", "robin", "wren")


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
