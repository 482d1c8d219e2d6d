"""Tensors as the pickle describes them, checked against their storages.

A tensor's record names a storage, an offset, a shape and strides. Torch trusts them; here they must
stay inside the storage. They may repeat an element (stride 0, as the state of a transform does),
but only in a small tensor.
"""

import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from grader.loading.inert.dtypes import DTYPES, UNTYPED
from grader.loading.inert.nodes import (
    CallNode,
    DictNode,
    GlobalNode,
    Node,
    StorageNode,
    TensorNode,
    path_of,
)
from grader.loading.inert.storages import is_count
from grader.loading.refusal import RefusedExportError

_MAX_DIMENSIONS = 64
_MAX_REPEATED_ELEMENTS = 2**16
MAX_NUMBERS = 16

# What each is called with: storage, offset, shape, strides, requires_grad, hooks, metadata.
_MAKERS = ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2")
# As above with the dtype between hooks and metadata.
_MAKER_WITH_DTYPE = "torch._utils._rebuild_tensor_v3"
# What each is called with: another maker, the class, the maker's arguments, attributes.
_SUBCLASS_MAKERS = ("torch._tensor._rebuild_from_type_v2", "fastai.torch_core._rebuild_from_type")
# Called with the class, then as a plain maker.
_FASTAI_MAKER = "fastai.torch_core._fa_rebuild_tensor"
# What each is called with: a tensor, requires_grad, hooks, and the second with attributes.
_PARAMETER_MAKERS = (
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
)
_PARAMETER = "torch.nn.parameter.Parameter"
_DEFAULTS: tuple[Node, ...] = (False, None, None)
_DTYPE_AT = 6
_N_NEEDED = 4
_N_ARGS = 7
_MOST_ARGS = 8


def tensor_of(function: Node, args: tuple[Node, ...]) -> TensorNode | None:
    """The tensor that a call of one of torch's or fastai's rebuilding functions stands for.

    Args:
        function: The function that would be called.
        args: Its arguments.

    Returns:
        The checked tensor; None if the call is about something else.

    Raises:
        RefusedExportError: If a tensor's record is malformed or reaches outside its storage.
    """
    path = path_of(function)
    if len(args) > _MOST_ARGS:
        return None
    if path not in _SUBCLASS_MAKERS:
        return _made(path, args)
    match args:
        case (GlobalNode() as maker, GlobalNode() as subclass, tuple(inner), state):
            tensor = _made(maker.path, inner[: _MOST_ARGS + 1])
            return tensor and replace(tensor, class_path=subclass.path, state=state)
    return None


def numbers_of(tensor: TensorNode) -> tuple[float, ...] | None:
    """The numbers of a small tensor.

    Args:
        tensor: Of any shape and strides; its storage has its bytes.

    Returns:
        Up to `MAX_NUMBERS`, the last axis fastest; None if there are more, if Python has no such
        numbers, or if they are not of the storage's type.
    """
    dtype = DTYPES[tensor.dtype]
    is_number = dtype.letter is not None and dtype.name != "bool"
    if not is_number or tensor.dtype != tensor.storage.dtype or tensor.n_elements > MAX_NUMBERS:
        return None
    layout = struct.Struct(f"<{dtype.letter}")
    return tuple(
        float(layout.unpack_from(tensor.storage.data, position * layout.size)[0])
        for position in _positions(tensor)
    )


def _positions(tensor: TensorNode) -> Iterator[int]:
    """The position of each element in the storage; an empty tensor may have huge other sides."""
    for index in product(*map(range, tensor.shape)) if tensor.n_elements else ():
        steps = zip(index, tensor.strides, strict=True)
        yield tensor.offset + sum(place * stride for place, stride in steps)


def _made(path: str | None, args: tuple[Node, ...]) -> TensorNode | None:
    if path in _MAKERS:
        return _plain_tensor(args)
    if path in _PARAMETER_MAKERS:
        return _parameter(args)
    if path == _FASTAI_MAKER and args and isinstance(args[0], GlobalNode):
        return replace(_plain_tensor(args[1:]), class_path=args[0].path)
    if path == _MAKER_WITH_DTYPE and len(args) > _DTYPE_AT:
        return _plain_tensor((*args[:_DTYPE_AT], *args[_DTYPE_AT + 1 :]), dtype=args[_DTYPE_AT])
    return None


def _parameter(args: tuple[Node, ...]) -> TensorNode | None:
    match args:
        case (TensorNode() as tensor, bool(), hooks, *rest) if len(rest) <= 1:
            return replace(
                tensor,
                hooks=hooks,
                class_path=_PARAMETER,
                state=rest[0] if rest else tensor.state,
            )
    return None


def _plain_tensor(args: tuple[Node, ...], *, dtype: Node = None) -> TensorNode:
    if not _N_NEEDED <= len(args) <= _N_ARGS:
        raise _refused("a tensor's record has too many or too few parts", None)
    storage, offset, shape, strides = args[:_N_NEEDED]
    given = args[_N_NEEDED:]
    requires_grad, hooks, metadata = given + _DEFAULTS[len(given) :]
    if not isinstance(storage, StorageNode):
        raise _refused("a tensor's record names no storage", None)
    sizes, steps = _counts(shape), _counts(strides)
    if sizes is None or steps is None or len(sizes) != len(steps) or not is_count(offset):
        raise _refused("a tensor's shape, strides or offset is malformed", storage)
    if not isinstance(requires_grad, bool) or not _is_empty(metadata):
        raise _refused("a tensor's record has parts that no honest one has", storage)
    tensor = TensorNode(
        storage=storage,
        dtype=storage.dtype if dtype is None else _dtype_of(dtype, storage),
        offset=offset,
        shape=sizes,
        strides=steps,
        hooks=hooks,
    )
    _check_bounds(tensor)
    return tensor


def _refused(what: str, storage: StorageNode | None) -> RefusedExportError:
    where = "tensor" if storage is None else f"tensor in storage {storage.key}"
    return RefusedExportError(what=what, where=where)


def _counts(node: Node) -> tuple[int, ...] | None:
    if not isinstance(node, tuple) or len(node) > _MAX_DIMENSIONS:
        return None
    counts = tuple(item for item in node if is_count(item))
    return counts if len(counts) == len(node) else None


def _is_empty(node: Node) -> bool:
    match node:
        case None:
            return True
        case DictNode():
            return not node.pairs
        case CallNode():
            return node.class_path is None and not node.pairs and not node.args
        case _:
            return False


def _dtype_of(node: Node, storage: StorageNode) -> str:
    path = path_of(node) or ""
    dtype = path.removeprefix("torch.")
    if not path.startswith("torch.") or dtype not in DTYPES:
        raise _refused("a tensor has no known dtype", storage)
    if storage.dtype not in (UNTYPED, dtype):
        raise _refused("a tensor's dtype is not that of its storage", storage)
    return dtype


def _check_bounds(tensor: TensorNode) -> None:
    storage = tensor.storage
    n_bytes = storage.n_elements * DTYPES[storage.dtype].size_bytes
    capacity = n_bytes // DTYPES[tensor.dtype].size_bytes
    n_elements = tensor.n_elements
    steps = zip(tensor.shape, tensor.strides, strict=True)
    reach = sum((size - 1) * step for size, step in steps) if n_elements else -1
    if tensor.offset + reach >= capacity and (n_elements or tensor.offset > capacity):
        raise _refused("a tensor reaches outside its storage", storage)
    if n_elements > max(capacity, _MAX_REPEATED_ELEMENTS):
        raise _refused(
            f"a tensor shows {n_elements} elements of the {capacity} in its storage", storage
        )
