import pytest

from grader.loading.nodes import TensorNode
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import FLOATS, graph_of
from tests.hostile import NONE, SETITEM, number, pickle_of, storage, tensor, tuple_of


def test_a_tensor_is_checked_and_keeps_its_numbers_on_disk() -> None:
    """Shape, strides and dtype are read; the bytes are those of the member."""
    pickled = pickle_of(tensor(storage("0", 4), offset=1, shape=(3,)))
    root = graph_of(pickled, {"0": FLOATS}).root
    assert isinstance(root, TensorNode)
    assert (root.dtype, root.offset, root.shape, root.strides) == ("float32", 1, (3,), (1,))
    assert bytes(root.storage.data) == FLOATS


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
