"""Figures show the matrix's numbers under the classes' names; pixels are matplotlib's affair."""

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grader.reports.plots import confusion_matrix_figure
from grader.scores import ConfusionMatrix

MATRIX = ConfusionMatrix(vocab=("robin", "wren", "owl"), counts=((3, 1, 0), (0, 4, 0), (0, 0, 0)))


def drawn(matrix: ConfusionMatrix) -> tuple[Figure, Axes]:
    """The figure and the axes that the matrix is drawn on."""
    figure = confusion_matrix_figure(matrix, title="Confusion matrix")
    return figure, figure.axes[0]


def named(*vocab: str) -> ConfusionMatrix:
    """A matrix of these classes, in which every image is right."""
    counts = tuple(tuple(int(i == j) for j in range(len(vocab))) for i in range(len(vocab)))
    return ConfusionMatrix(vocab=vocab, counts=counts)


def tick_labels(matrix: ConfusionMatrix) -> list[str]:
    """The names down the side, top first."""
    return [text.get_text() for text in drawn(matrix)[1].get_yticklabels()]


def test_colours_are_the_shares_of_each_row() -> None:
    """A class without images is drawn as a row of zeros."""
    _, axes = drawn(MATRIX)
    (image,) = axes.images
    expected = np.array([[0.75, 0.25, 0], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(np.asarray(image.get_array()), expected)
    assert image.get_clim() == (0.0, 1.0)


def test_counts_stand_in_their_cells() -> None:
    """Across is predicted, down is true; zeros are left blank."""
    _, axes = drawn(MATRIX)
    assert {text.get_position(): text.get_text() for text in axes.texts} == {
        (0, 0): "3",
        (1, 0): "1",
        (1, 1): "4",
    }


def test_both_axes_name_the_classes_in_order() -> None:
    """And say which is which."""
    _, axes = drawn(MATRIX)
    across = [text.get_text() for text in axes.get_xticklabels()]
    assert across == tick_labels(MATRIX) == ["robin", "wren", "owl"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Predicted class", "True class")
    assert axes.get_title() == "Confusion matrix"


def test_counts_are_light_on_dark_and_dark_on_light() -> None:
    """They can be read on every colour."""
    _, axes = drawn(MATRIX)
    assert {text.get_text(): text.get_color() for text in axes.texts} == {
        "3": "white",
        "1": "black",
        "4": "white",
    }


def test_a_dollar_in_a_name_is_only_a_character() -> None:
    """Text that is no formula can be drawn."""
    figure, axes = drawn(named("$\\frac{$", "wren"))
    figure.savefig(io.BytesIO())
    texts = (*axes.get_xticklabels(), *axes.get_yticklabels())
    assert not any(text.get_parse_math() for text in texts)
    assert texts[0].get_text() == "$\\frac{$"


def test_control_characters_of_a_name_are_escaped() -> None:
    """A newline would push the other names aside."""
    assert tick_labels(named("two\nlines", "wren"))[0] == "two\\nlines"


def test_a_long_name_is_cut_to_a_length_that_fits() -> None:
    """28 characters stay whole; of 29 the end is cut."""
    assert tick_labels(named("a" * 28, "b" * 29)) == ["a" * 28, "b" * 27 + "…"]


def test_many_classes_are_drawn_without_counts() -> None:
    """Sixty names and a colour for each cell, but no numbers to run together."""
    matrix = named(*(f"bird {number}" for number in range(60)))
    _, axes = drawn(matrix)
    assert len(axes.texts) == 0
    assert len(axes.get_yticklabels()) == 60


def test_a_figure_grows_with_its_classes_up_to_a_limit() -> None:
    """Names need room, and a printer has a widest page."""
    sides = [
        drawn(named(*(f"bird {number}" for number in range(n))))[0].get_figheight()
        for n in (2, 20, 60)
    ]
    assert sides[0] < sides[1] < sides[2] == 24.0
