from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.loading.inert.nodes import CallNode, GlobalNode, ListNode, walk
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import FLOATS, graph_of
from tests.hostile import (
    APPEND,
    BUILD,
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NONE,
    POP,
    PROTO_2,
    REDUCE,
    SETITEM,
    STOP,
    TUPLE_1,
    TUPLE_2,
    call,
    dict_of,
    keep,
    name,
    object_of,
    pickle_of,
    recall,
    shell_call,
    storage,
    tensor,
    text,
)


def test_a_call_is_written_down_and_not_made(tmp_path: Path) -> None:
    """A shell command in the pickle is a record of a command."""
    canary = tmp_path / "canary"
    root = graph_of(pickle_of(shell_call(canary))).root
    assert isinstance(root, CallNode)
    assert (root.function, root.args) == (GlobalNode("os", "system"), (f"touch {canary}",))
    assert not canary.exists()


def test_state_items_and_names_stand_beside_the_call() -> None:
    """An object is its class, its arguments and its attributes."""
    root = graph_of(pickle_of(object_of("torch.nn", "Linear", {"bias": NONE}))).root
    assert isinstance(root, CallNode)
    assert (root.class_path, root.attributes()) == ("torch.nn.Linear", {"bias": None})


def test_a_name_of_python_2_is_given_as_python_3_calls_it() -> None:
    """Protocol 2 writes old names; the graph has the new ones."""
    assert graph_of(pickle_of(name("__builtin__", "unicode"))).root == GlobalNode("builtins", "str")


def test_a_list_may_contain_itself() -> None:
    """Cycles are kept, and walking them ends."""
    root = graph_of(pickle_of(EMPTY_LIST, keep(0), recall(0), APPEND)).root
    assert isinstance(root, ListNode)
    assert root.items[0] is root
    assert list(walk(root)) == [root]


PICKLE_TRICKS = {
    "an unknown opcode": (PROTO_2 + b"\xf0.", "unknown opcode"),
    "no STOP": (PROTO_2 + EMPTY_DICT, "ends before its STOP"),
    "protocol 9": (b"\x80\x09}.", "has protocol 9"),
    "a second protocol": (PROTO_2 + PROTO_2 + b"}.", "protocol in the middle"),
    "a frame beyond the end": (b"\x80\x04\x95" + b"\xff" * 7 + b"\x3f}.", "frame longer"),
    "a string beyond the end": (b"\x80\x04\x8d" + b"\0" * 7 + b"\x40.", "cut short"),
    "bytes beyond the end": (b"\x80\x05\x96" + b"\0" * 4 + b"\x10\0\0\0.", "cut short"),
    "a number of the registry": (pickle_of(b"\x82\x01"), "reader's own table"),
    "a Python 2 string": (pickle_of(b"S'a'\n"), "Python 2 string"),
    "a buffer outside": (pickle_of(b"\x97"), "outside the file"),
    "a huge memo": (pickle_of(EMPTY_DICT, keep(2**31 - 1)), "under the number 2147483647"),
    "a memo never kept": (pickle_of(recall(3)), "number 3, which it never kept"),
    "an empty stack": (PROTO_2 + TUPLE_1 + STOP, "where there is none"),
    "a missing mark": (pickle_of(b"t"), "mark where there is none"),
    "two objects": (pickle_of(EMPTY_DICT, EMPTY_DICT), "more than one object"),
    "a second pickle": (pickle_of(EMPTY_DICT) + pickle_of(EMPTY_DICT), "perhaps a second pickle"),
    "a name that is no string": (pickle_of(NONE, text("a"), b"\x93"), "two strings"),
    "a very long name": (pickle_of(name("m" * 999, "nn")), "name of 1001 characters"),
    "items of an imported name": (
        pickle_of(name("os", "environ"), text("A"), text("B"), SETITEM),
        r"sets items of the imported name os\.environ",
    ),
    "state of an imported name": (
        pickle_of(name("fastai.learner", "Learner"), EMPTY_DICT, BUILD),
        "sets attributes of the imported name",
    ),
    "a second state": (
        pickle_of(object_of("a", "B", {}), EMPTY_DICT, BUILD),
        "state of one object twice",
    ),
    "arguments that are no tuple": (pickle_of(name("a", "b"), NONE, REDUCE), "aren't a tuple"),
    "a key without a value": (pickle_of(EMPTY_DICT, b"(", NONE, b"u"), "key without a value"),
    "an odd persistent id": (pickle_of(text("x"), b"Q"), "torch doesn't write"),
    "a call thrown away": (
        pickle_of(call("os", "system", text("true")), POP, EMPTY_DICT),
        r"makes a call of os\.system and throws it away",
    ),
    "a list thrown away": (pickle_of(EMPTY_LIST, POP, EMPTY_DICT), "throws it away"),
    "a broken integer": (pickle_of(b"I12x\n"), "broken at INT"),
    "an integer beyond a float": (
        pickle_of(b"\x8b\0\x04\0\0" + b"\x7f" * 1024),
        "integer of 8191 bits",
    ),
    "a huge integer": (pickle_of(b"\x8b\0\x10\0\0" + b"\x7f" * 4096), "integer of 32767 bits"),
}


@pytest.mark.parametrize("trick", PICKLE_TRICKS)
def test_a_pickle_that_no_exporter_writes_is_refused(trick: str) -> None:
    """Each trick is named."""
    pickled, message = PICKLE_TRICKS[trick]
    with pytest.raises(RefusedExportError, match=message):
        graph_of(pickled)


def test_the_calls_that_fill_a_function_may_be_thrown_away() -> None:
    """Cloudpickle writes them so in every honest export of fastai 2.8."""
    filling = call("cloudpickle.cloudpickle", "_function_setstate", NONE, EMPTY_TUPLE)
    graph = graph_of(pickle_of(filling, POP, EMPTY_DICT))
    assert [node.function for node in graph.calls] == [
        GlobalNode("cloudpickle.cloudpickle", "_function_setstate")
    ]


def test_a_second_copy_of_what_contains_itself_may_be_thrown_away() -> None:
    """Pickle drops it and goes back to the first copy."""
    copy = call("builtins", "getattr", NONE, text("x"))
    graph = graph_of(pickle_of(copy, keep(0), copy, POP, recall(0), TUPLE_2))
    assert isinstance(graph.root, tuple)
    assert graph.root[0] is graph.root[1]


SEED = pickle_of(
    dict_of(
        {
            "weight": tensor(storage("0", 4)),
            "object": object_of("a", "B", {"x": EMPTY_LIST + keep(0)}),
            "again": recall(0) + text("y") + APPEND,
        }
    )
)


@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=4))
def test_a_changed_pickle_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    """Changed bytes under a right checksum end in a graph or a refusal."""
    changed = bytearray(SEED)
    for at, byte in changes:
        changed[at] = byte
    with suppress(RefusedExportError):
        graph = graph_of(bytes(changed), {"0": FLOATS})
        assert sum(1 for _ in walk(graph.root)) > 0


@given(st.binary(max_size=100))
def test_arbitrary_opcodes_are_read_or_refused(data: bytes) -> None:
    """No bytes in the place of the pickle end in any other error."""
    with suppress(RefusedExportError):
        assert graph_of(data + STOP).n_opcodes > 0
