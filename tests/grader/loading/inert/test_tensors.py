import struct

import pytest
import torch

from grader.loading.inert.dtypes import DTYPES, Dtype
from grader.loading.inert.nodes import CallNode, StorageNode, TensorNode
from grader.loading.inert.tensors import numbers_of
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import FLOATS, graph_of
from tests.hostile import (
    NONE,
    PERSISTENT,
    SETITEM,
    call,
    dict_of,
    name,
    number,
    pickle_of,
    storage,
    tensor,
    text,
    tuple_of,
)


def test_a_tensor_is_checked_and_keeps_its_numbers_on_disk() -> None:
    """Shape, strides and dtype are read; the bytes are those of the member."""
    pickled = pickle_of(tensor(storage("0", 4), offset=1, shape=(3,)))
    root = graph_of(pickled, {"0": FLOATS}).root
    assert isinstance(root, TensorNode)
    assert (root.dtype, root.offset, root.shape, root.strides) == ("float32", 1, (3,), (1,))
    assert bytes(root.storage.data) == FLOATS


# 120 bytes of integer, more than any size of torch; its product has thousands of digits.
HUGE = b"\x8b" + struct.pack("<I", 120) + b"\x7f" * 120
HUGE_SHAPE = tuple_of(*[HUGE] * 60, number(0))
HUGE_STRIDES = tuple_of(*[number(0)] * 61)
TENSOR_TRICKS = {
    "sizes beyond 64 bits": (
        call(
            "torch._utils", "_rebuild_tensor", storage("0", 4), number(0), HUGE_SHAPE, HUGE_STRIDES
        ),
        "malformed",
    ),
    "a storage beyond 64 bits": (
        tuple_of(text("storage"), name("torch", "FloatStorage"), text("0"), text("cpu"), HUGE)
        + PERSISTENT,
        "record is malformed",
    ),
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
    "a storage of another size": (tensor(storage("0", 5)), "take 16 bytes instead of 20"),
    "a storage of another type": (
        tuple_of(tensor(storage("0", 4)), tensor(storage("0", 2, "LongStorage"))),
        "described in two ways",
    ),
    "a storage of an unknown type": (tensor(storage("0", 4, "Evil")), "unknown type"),
    "a storage of quantized numbers": (
        tensor(storage("0", 4, "QInt8Storage")),
        r"its weights are quantized \(torch\.QInt8Storage\)",
    ),
    "a storage of a negative size": (tensor(storage("0", -1)), "malformed"),
    "a path for a key": (tensor(storage("/etc/hostname", 4)), "key is not a number"),
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


PLAIN = (storage("0", 4), number(0), tuple_of(number(2)), tuple_of(number(1)))
HOOKS = call("collections", "OrderedDict")
WAYS = {
    "of torch before 1": (call("torch._utils", "_rebuild_tensor", *PLAIN), "torch.Tensor"),
    "as a parameter": (
        call("torch._utils", "_rebuild_parameter", tensor(storage("0", 4)), b"\x88", HOOKS),
        "torch.nn.parameter.Parameter",
    ),
    "as a parameter with attributes": (
        call(
            "torch._utils",
            "_rebuild_parameter_with_state",
            *(tensor(storage("0", 4)), b"\x88", HOOKS, dict_of({})),
        ),
        "torch.nn.parameter.Parameter",
    ),
    "of fastai 2.0": (
        call(
            "fastai.torch_core",
            "_fa_rebuild_tensor",
            *(name("fastai.torch_core", "TensorImage"), *PLAIN, b"\x89", HOOKS),
        ),
        "fastai.torch_core.TensorImage",
    ),
    **{
        f"of a subclass by {module}": (
            call(
                module,
                function,
                name("torch._utils", "_rebuild_tensor_v2"),
                name("fastai.torch_core", "TensorBase"),
                tuple_of(*PLAIN, b"\x89", HOOKS),
                dict_of({}),
            ),
            "fastai.torch_core.TensorBase",
        )
        for module, function in (
            ("torch._tensor", "_rebuild_from_type_v2"),
            ("fastai.torch_core", "_rebuild_from_type"),
        )
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_recording_a_tensor_is_understood(way: str) -> None:
    """Class, shape and storage are the same whichever function would rebuild it."""
    pushed, class_path = WAYS[way]
    root = graph_of(pickle_of(pushed), {"0": FLOATS}).root
    assert isinstance(root, TensorNode)
    assert (root.class_path, root.shape, root.storage.key) == (class_path, (2,), "0")


def test_bytes_without_a_type_take_the_tensors_own() -> None:
    """New element types come as untyped storages and a dtype beside them."""
    untyped = storage("0", 16, "UntypedStorage")
    rest = (number(0), tuple_of(number(8)), tuple_of(number(1)), b"\x89", HOOKS)
    half = call(
        "torch._utils", "_rebuild_tensor_v3", untyped, *rest, name("torch", "float16"), NONE
    )
    root = graph_of(pickle_of(half), {"0": FLOATS}).root
    assert isinstance(root, TensorNode)
    assert (root.dtype, root.n_elements) == ("float16", 8)


MORE_TRICKS = {
    "an unknown dtype": (name("torch", "evil"), "no known dtype"),
    "a larger dtype": (name("torch", "float32"), "reaches outside its storage"),
}


@pytest.mark.parametrize("trick", MORE_TRICKS)
def test_a_dtype_that_does_not_fit_is_refused(trick: str) -> None:
    """The bound is counted in elements of the tensor's dtype."""
    dtype, message = MORE_TRICKS[trick]
    untyped = storage("0", 16, "UntypedStorage")
    rest = (number(0), tuple_of(number(8)), tuple_of(number(1)), b"\x89", HOOKS)
    with pytest.raises(RefusedExportError, match=message):
        graph_of(
            pickle_of(call("torch._utils", "_rebuild_tensor_v3", untyped, *rest, dtype, NONE)),
            {"0": FLOATS},
        )


def test_another_call_with_a_tensor_stays_a_call() -> None:
    """A sparse tensor is a record; whoever rebuilds a model decides about it."""
    sparse = call("torch._utils", "_rebuild_sparse_tensor", NONE, tuple_of(*PLAIN))
    assert isinstance(graph_of(pickle_of(sparse), {"0": FLOATS}).root, CallNode)


FOUR = StorageNode("0", "float32", 4, memoryview(FLOATS))


def view(
    shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0, dtype: str = "float32"
) -> TensorNode:
    """A view of the numbers 1, 2, 3 and 4."""
    return TensorNode(
        storage=FOUR,
        dtype=dtype,
        offset=offset,
        shape=shape,
        strides=strides,
    )


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (view((4,), (1,)), (1, 2, 3, 4)),
        (view((2,), (1,), 2), (3, 4)),
        (view((2, 2), (1, 2)), (1, 3, 2, 4)),
        (view((3,), (0,), 1), (2, 2, 2)),
        (view((), ()), (1,)),
        (view((0,), (1,)), ()),
        (view((17,), (0,)), None),
        (view((0, 2**40), (1, 1)), ()),
        (view((4,), (1,), dtype="float64"), None),
    ],
)
def test_numbers_follow_offset_and_strides(
    node: TensorNode, expected: tuple[float, ...] | None
) -> None:
    """A step of 0 shows one number again; a large tensor or another type shows none."""
    assert numbers_of(node) == expected


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=DTYPES)
def test_numbers_are_those_that_torch_stored(dtype: Dtype) -> None:
    """Of every type that holds numbers; of the others there are none."""
    stored = torch.tensor([0, 1, 3], dtype=getattr(torch, dtype.name, torch.uint8))
    data = memoryview(bytes(stored.untyped_storage()))
    assert stored.element_size() == dtype.size_bytes
    three = StorageNode("0", dtype.name, 3, data)
    node = TensorNode(
        storage=three,
        dtype=dtype.name,
        offset=0,
        shape=(3,),
        strides=(1,),
    )
    is_number = dtype.letter is not None and dtype.name != "bool"
    assert numbers_of(node) == ((0, 1, 3) if is_number else None)
