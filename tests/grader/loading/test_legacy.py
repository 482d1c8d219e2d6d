import struct

import pytest

from grader.loading.nodes import TensorNode
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import FLOATS, graph_of_file
from tests.hostile import legacy_file, pickle_of, storage, tensor


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
