import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.loading.inert.nodes import walk
from grader.loading.inert.plain import MAX_ITEMS, NotPlainError, plain_value
from tests.grader.loading.reading import graph_of
from tests.hostile import (
    BUILD,
    DUP,
    EMPTY_DICT,
    EMPTY_TUPLE,
    NONE,
    REDUCE,
    SETITEM,
    TUPLE,
    TUPLE_1,
    TUPLE_2,
    call,
    keep,
    name,
    number,
    pickle_of,
    recall,
    text,
    tuple_of,
)


def test_a_tuple_that_doubles_itself_is_neither_hashed_nor_unfolded() -> None:
    """Two to the power of a hundred leaves, as a key, cost a hundred nodes."""
    doubled = EMPTY_DICT + EMPTY_TUPLE + (DUP + TUPLE_2) * 100 + NONE + SETITEM
    graph = graph_of(pickle_of(doubled))
    assert sum(1 for _ in walk(graph.root)) < 1000
    with pytest.raises(NotPlainError, match="more than a reader should unfold"):
        plain_value(graph.root)


def test_a_nested_tuple_is_no_key() -> None:
    """Its hash would be computed anew for every dict that has it."""
    graph = graph_of(pickle.dumps({((1,),): None}, 2))
    with pytest.raises(NotPlainError, match="neither a name nor a number"):
        plain_value(graph.root)


def test_keys_that_are_chosen_to_have_one_hash_are_no_plain_value() -> None:
    """A dict of a hundred thousand would take minutes."""
    modulus = 2**61 - 1
    colliding = {number * modulus: None for number in range(100)}
    with pytest.raises(NotPlainError, match="more than 50 keys with the same hash"):
        plain_value(graph_of(pickle.dumps(colliding, 2)).root)


def test_lists_that_share_their_items_are_unfolded_only_to_a_limit() -> None:
    """A file of a megabyte can't fill the memory with copies of one list."""
    items = b"(" + NONE * 50_000 + TUPLE + keep(0)
    copies = (name("torch", "Size") + recall(0) + TUPLE_1 + REDUCE) * 60
    graph = graph_of(pickle_of(tuple_of(items, copies)))
    with pytest.raises(NotPlainError, match="more than a reader should unfold"):
        plain_value(graph.root)


def test_a_text_that_is_too_long_is_not_copied() -> None:
    """Its characters count too."""
    root = graph_of(pickle.dumps(b"a" * (8 * MAX_ITEMS), 4)).root
    with pytest.raises(NotPlainError, match="more than a reader should unfold"):
        plain_value(root)


ODD_CALLS = {
    "a complex number that is a text": call("builtins", "complex", text("x"), text("y")),
    "a number without bytes": call("numpy.core.multiarray", "scalar", NONE, NONE),
    "a text that is a dict": call(
        "numpy.core.multiarray",
        "scalar",
        call("numpy", "dtype", text("U4"))
        + tuple_of(number(3), text("<"), NONE, NONE, NONE)
        + BUILD,
        call("collections", "OrderedDict"),
    ),
}


@pytest.mark.parametrize("kind", ODD_CALLS)
def test_a_call_with_odd_arguments_is_no_plain_value(kind: str) -> None:
    """Whatever would go wrong in the call, the answer is the same error."""
    with pytest.raises(NotPlainError, match=r"odd arguments|text that is invalid"):
        plain_value(graph_of(pickle_of(ODD_CALLS[kind])).root)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**300), 2**300)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.binary(max_size=20)
)


KEYS = SCALARS | st.tuples(SCALARS, SCALARS)


VALUES = st.recursive(
    SCALARS | st.complex_numbers(allow_nan=False) | st.builds(bytearray, st.binary(max_size=9)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=4)
        | st.frozensets(KEYS, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.integers(1, 5))
def test_honest_values_come_back_as_they_were(value: Any, protocol: int) -> None:
    """What pickle writes in any protocol is read as the same value."""
    thawed = plain_value(graph_of(pickle.dumps(value, protocol)).root)
    assert (type(thawed), thawed) == (type(value), value)


@given(VALUES)
def test_honest_values_of_the_text_protocol_come_back_too(value: Any) -> None:
    """Protocol 0 is text throughout."""
    assert plain_value(graph_of(pickle.dumps(value, 0)).root) == value
