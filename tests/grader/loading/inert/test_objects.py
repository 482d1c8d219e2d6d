import pickle
from typing import Any

import numpy as np
import pytest
from fastai.basics import L

from grader.loading.inert.nodes import CallNode
from grader.loading.inert.objects import items_of
from grader.loading.inert.plain import NotPlainError, plain_value
from tests.grader.loading.reading import graph_of
from tests.hostile import EMPTY_TUPLE, NEWOBJ, dict_of, keep, name, pickle_of, recall

LISTS: dict[str, Any] = {
    "a list": ["wren", "robin"],
    "a tuple": ("wren", "robin"),
    "fastcore's list": L(["wren", "robin"]),
    "an array of strings": np.array(["wren", "robin"]),
    "an array of objects": np.array(["wren", "robin"], dtype=object),
}


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("protocol", [2, 4])
def test_class_names_are_found_in_every_kind_of_list(kind: str, protocol: int) -> None:
    """Students keep their classes in what pandas, numpy or fastcore gave them."""
    assert items_of(graph_of(pickle.dumps(LISTS[kind], protocol)).root) == ("wren", "robin")


def test_an_array_of_numbers_is_no_list_of_names() -> None:
    """Its bytes are not guessed at."""
    assert items_of(graph_of(pickle.dumps(np.arange(3), 2)).root) is None


def test_an_array_whose_texts_have_no_readable_width_is_no_list_of_names() -> None:
    """A width of thousands of digits is not worked out."""
    made = graph_of(pickle.dumps(np.array(["wren"]), 4)).root
    assert items_of(made) == ("wren",)
    assert isinstance(made, CallNode)
    assert isinstance(made.state, tuple)
    dtype = made.state[2]
    assert isinstance(dtype, CallNode)
    dtype.args = ("U" + "9" * 5000, *dtype.args[1:])
    assert items_of(made) is None


def test_a_list_around_itself_has_no_items() -> None:
    """Unwrapping ends."""
    made = name("fastcore.foundation", "L") + EMPTY_TUPLE + NEWOBJ + keep(3)
    assert items_of(graph_of(pickle_of(made, dict_of({"items": recall(3)}), b"b")).root) is None


SCALARS = (
    np.float64(0.2),
    np.float32(0.5),
    np.int64(-7),
    np.uint8(9),
    np.bool_(1),
    np.str_("né"),
)


@pytest.mark.parametrize("scalar", SCALARS, ids=repr)
@pytest.mark.parametrize("protocol", [2, 5])
def test_a_number_of_numpy_is_a_number(scalar: Any, protocol: int) -> None:
    """Settings of transforms are often numpy's."""
    assert plain_value(graph_of(pickle.dumps(scalar, protocol)).root) == scalar.item()


@pytest.mark.parametrize(
    "value", [np.arange(3), np.datetime64("2020-01-01"), len, slice(1, 2)], ids=repr
)
def test_what_is_more_than_a_value_is_named(value: Any) -> None:
    """A call whose meaning isn't known stays a record."""
    with pytest.raises(NotPlainError, match=r"call of|imported name"):
        plain_value(graph_of(pickle.dumps(value, 2)).root)


def test_a_value_that_contains_itself_is_no_plain_value() -> None:
    """The error says so."""
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NotPlainError, match="contains itself"):
        plain_value(graph_of(pickle.dumps(endless, 2)).root)


def test_a_value_of_too_many_parts_is_not_worked_out() -> None:
    """The limit counts every look from a part to what it holds, repeated parts too."""
    many = graph_of(pickle.dumps([None] * 500, 2)).root
    assert plain_value(many) == [None] * 500
    with pytest.raises(NotPlainError, match="too large"):
        plain_value(many, max_edges=100)
