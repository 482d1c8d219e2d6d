import struct

import pytest

from grader.loading.inert.nodes import GlobalNode, TensorNode
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import FLOATS, graph_of_file
from tests.hostile import (
    NONE,
    TUPLE_2,
    legacy_file,
    name,
    pickle_of,
    storage,
    tensor,
    text,
    tuple_of,
)


def test_an_old_torch_file_is_read_with_its_numbers() -> None:
    """Five pickles in a row, then the storages in the order of their keys."""
    pickled = pickle_of(tensor(storage("5", 4), shape=(4,)))
    numbers = struct.pack("<q", 4) + FLOATS
    root = graph_of_file(legacy_file(pickled, keys=["5"], numbers=numbers)).root
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
        graph_of_file(data)


def test_the_source_of_a_class_is_kept_as_text_and_stands_for_its_name() -> None:
    """Old files carry the source of every class of module; it is never run."""
    layer = name("torch.nn", "Linear")
    sourced = tuple_of(text("module"), layer, text("linear.py"), text("class Linear: ...")) + b"Q"
    unsourced = tuple_of(text("module"), layer, NONE, NONE) + b"Q"
    graph = graph_of_file(legacy_file(pickle_of(sourced, unsourced, TUPLE_2)))
    assert graph.root == (GlobalNode("torch.nn", "Linear"), GlobalNode("torch.nn", "Linear"))
    (source,) = graph.sources
    assert (source.class_path, source.text) == ("torch.nn.Linear", "class Linear: ...")


def test_a_start_that_torch_does_not_write_is_refused() -> None:
    """The magic number alone doesn't make a torch file."""
    honest = legacy_file(pickle_of(NONE))
    with pytest.raises(RefusedExportError, match="doesn't begin as torch's files do"):
        graph_of_file(honest.replace(b"M\xe9\x03", b"M\xea\x03"))
