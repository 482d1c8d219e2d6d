import builtins
import os
import pickle
import struct
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.loading.container import container_of, read_container
from grader.loading.inert import MAX_DEPTH, read_inert
from grader.loading.machine import MAX_OPCODES
from grader.loading.nodes import CallNode, GlobalNode, InertGraph, ListNode, TensorNode, walk
from grader.loading.plain import NotPlainError, plain_value
from grader.loading.refusal import RefusedExportError
from tests.hostile import (
    APPEND,
    BUILD,
    DUP,
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NEWOBJ,
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
    legacy_file,
    name,
    number,
    object_of,
    pickle_of,
    recall,
    shell_call,
    storage,
    tensor,
    text,
    torch_file,
    tuple_of,
)

FLOATS = struct.pack("<4f", 1, 2, 3, 4)


def graph_of(pickled: bytes, storages: dict[str, bytes] | None = None) -> InertGraph:
    """The graph of a pickle inside an honest archive."""
    data = memoryview(torch_file(pickled, storages))
    return read_inert(container_of(data, path=Path("export.pkl")))


def legacy_graph(data: bytes) -> InertGraph:
    """The graph of a whole file."""
    return read_inert(container_of(memoryview(data), path=Path("export.pkl")))


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


def test_a_tensor_is_checked_and_keeps_its_numbers_on_disk() -> None:
    """Shape, strides and dtype are read; the bytes are those of the member."""
    pickled = pickle_of(tensor(storage("0", 4), offset=1, shape=(3,)))
    root = graph_of(pickled, {"0": FLOATS}).root
    assert isinstance(root, TensorNode)
    assert (root.dtype, root.offset, root.shape, root.strides) == ("float32", 1, (3,), (1,))
    assert bytes(root.storage.data) == FLOATS


def test_an_old_torch_file_is_read_with_its_numbers() -> None:
    """Five pickles in a row, then the storages in the order of their keys."""
    pickled = pickle_of(tensor(storage("5", 4), shape=(4,)))
    numbers = struct.pack("<q", 4) + FLOATS
    root = legacy_graph(legacy_file(pickled, keys=["5"], numbers=numbers)).root
    assert isinstance(root, TensorNode)
    assert bytes(root.storage.data) == FLOATS


LEGACY_TRICKS = {
    "numbers that follow": (b"?" + struct.pack("<q", 4) + FLOATS, True, ["5"], "two sizes"),
    "fewer numbers": (struct.pack("<q", 4), True, ["5"], "ends within its numbers"),
    "bytes at the end": (struct.pack("<q", 4) + FLOATS + b"?", True, ["5"], "follow the last"),
    "another key": (struct.pack("<q", 4) + FLOATS, True, ["6"], "doesn't match the ones in use"),
    "big-endian": (struct.pack("<q", 4) + FLOATS, False, ["5"], "big-endian"),
}


@pytest.mark.parametrize("trick", LEGACY_TRICKS)
def test_a_tampered_old_file_is_refused(trick: str) -> None:
    """Sizes, keys and byte order are held against what the pickle says."""
    numbers, is_little, keys, message = LEGACY_TRICKS[trick]
    pickled = pickle_of(tensor(storage("5", 4), shape=(4,)))
    data = legacy_file(pickled, keys=keys, numbers=numbers, little_endian=is_little)
    with pytest.raises(RefusedExportError, match=message):
        legacy_graph(data)


TENSOR_TRICKS = {
    "a stride outside": (tensor(storage("0", 4), strides=(4,)), "reaches outside its storage"),
    "a negative stride": (tensor(storage("0", 4), strides=(-1,)), "malformed"),
    "an offset outside": (tensor(storage("0", 4), offset=3), "reaches outside its storage"),
    "a negative offset": (tensor(storage("0", 4), offset=-1), "malformed"),
    "a negative size": (tensor(storage("0", 4), shape=(-2,)), "malformed"),
    "one number a billion times": (
        tensor(storage("0", 4), shape=(2**15, 2**15), strides=(0, 0)),
        "shows 1073741824 elements of the 4",
    ),
    "more strides than sizes": (tensor(storage("0", 4), strides=(1, 1)), "malformed"),
    "a missing storage": (tensor(storage("1", 4)), "are missing"),
    "a storage of another size": (tensor(storage("0", 5)), "take 16 bytes where it says 20"),
    "a storage of another type": (
        tuple_of(tensor(storage("0", 4)), tensor(storage("0", 2, "LongStorage"))),
        "described in two ways",
    ),
    "a storage of an unknown type": (tensor(storage("0", 4, "Evil")), "unknown type"),
    "a storage of a negative size": (tensor(storage("0", -1)), "malformed"),
    "a path for a key": (tensor(storage("/etc/hostname", 4)), "key is no number"),
    "no storage at all": (tensor(NONE), "names no storage"),
    "an item of a tensor": (
        tensor(storage("0", 4)) + number(9) + number(9) + SETITEM,
        "sets items of a tensor",
    ),
}


@pytest.mark.parametrize("trick", TENSOR_TRICKS)
def test_a_tampered_tensor_is_refused(trick: str) -> None:
    """A tensor can't show what its storage doesn't hold."""
    pushed, message = TENSOR_TRICKS[trick]
    with pytest.raises(RefusedExportError, match=message):
        graph_of(pickle_of(pushed), {"0": FLOATS})


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
    "arguments that are no tuple": (pickle_of(name("a", "b"), NONE, REDUCE), "no tuple"),
    "a key without a value": (pickle_of(EMPTY_DICT, b"(", NONE, b"u"), "key without a value"),
    "an odd persistent id": (pickle_of(text("x"), b"Q"), "torch doesn't write"),
    "a call thrown away": (
        pickle_of(call("os", "system", text("true")), POP, EMPTY_DICT),
        r"makes a call of os\.system and throws it away",
    ),
    "a list thrown away": (pickle_of(EMPTY_LIST, POP, EMPTY_DICT), "throws it away"),
    "a broken integer": (pickle_of(b"I12x\n"), "broken at INT"),
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


def test_a_deep_nest_is_refused() -> None:
    """A tower of tuples is named before anything could recurse into it."""
    with pytest.raises(RefusedExportError, match=f"nested more than {MAX_DEPTH} deep"):
        graph_of(pickle_of(EMPTY_TUPLE, TUPLE_1 * (MAX_DEPTH + 1)))


def test_a_deep_nest_is_found_behind_shallow_ways() -> None:
    """The longest way counts, also where a shorter one leads to every part."""
    kept = b"".join(TUPLE_1 + keep(level) for level in range(MAX_DEPTH + 1))
    listed = b"(" + EMPTY_TUPLE + kept + b"".join(map(recall, range(MAX_DEPTH + 1))) + b"t"
    with pytest.raises(RefusedExportError, match="deep"):
        graph_of(pickle_of(listed))


def test_three_million_nested_tuples_are_refused() -> None:
    """The file that crashes torch ends in a message, and is freed again."""
    with pytest.raises(RefusedExportError, match=f"more than {MAX_OPCODES} opcodes"):
        graph_of(pickle_of(EMPTY_TUPLE, TUPLE_1 * 3_000_000))


def test_a_tuple_that_doubles_itself_is_neither_hashed_nor_unfolded() -> None:
    """Two to the power of a hundred leaves, as a key, cost a hundred nodes."""
    doubled = EMPTY_DICT + EMPTY_TUPLE + (DUP + TUPLE_2) * 100 + NONE + SETITEM
    graph = graph_of(pickle_of(doubled))
    assert sum(1 for _ in walk(graph.root)) < 1000
    with pytest.raises(NotPlainError, match="neither a name nor a number"):
        plain_value(graph.root)


def test_nothing_that_an_export_names_is_imported_or_called(
    sound_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a real export asks the import system for nothing, and audits no execution."""
    asked: list[str] = []
    original = builtins.__import__

    def watched(module: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(module)
        return original(module, *args, **kwargs)

    before = set(sys.modules)
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", watched)
        graph = read_inert(read_container(sound_model))
    assert len(graph.globals) > 20
    assert not [module for module in asked if module.startswith(("torch", "fastai", "fastcore"))]
    assert set(sys.modules) == before


def test_a_payload_does_nothing_in_a_fresh_process(tmp_path: Path) -> None:
    """No canary is written and no module of the file is loaded."""
    canary, file = tmp_path / "canary", tmp_path / "evil.pkl"
    payload = name("antigravity", "fly") + EMPTY_TUPLE + NEWOBJ + shell_call(canary) + TUPLE_2
    file.write_bytes(torch_file(pickle_of(payload)))
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from grader.loading.container import read_container
        from grader.loading.inert import read_inert
        graph = read_inert(read_container(Path(sys.argv[1])))
        assert "antigravity" not in sys.modules
        print([name.path for name in graph.globals])
        """
    )
    command = [sys.executable, "-W", "ignore", "-c", program, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert done.stdout.strip() == "['antigravity.fly', 'os.system']", done.stderr
    assert not canary.exists()
    assert not os.path.lexists(canary)


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
