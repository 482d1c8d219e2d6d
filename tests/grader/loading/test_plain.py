import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.loading.nodes import walk
from grader.loading.plain import NotPlainError, plain_value
from tests.grader.loading.reading import graph_of
from tests.hostile import (
    DUP,
    EMPTY_DICT,
    EMPTY_TUPLE,
    NONE,
    SETITEM,
    TUPLE_2,
    pickle_of,
)


def test_a_tuple_that_doubles_itself_is_neither_hashed_nor_unfolded() -> None:
    """Two to the power of a hundred leaves, as a key, cost a hundred nodes."""
    doubled = EMPTY_DICT + EMPTY_TUPLE + (DUP + TUPLE_2) * 100 + NONE + SETITEM
    graph = graph_of(pickle_of(doubled))
    assert sum(1 for _ in walk(graph.root)) < 1000
    with pytest.raises(NotPlainError, match="neither a name nor a number"):
        plain_value(graph.root)


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
