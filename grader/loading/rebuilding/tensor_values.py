"""The numbers of an export's tensors, copied into tensors of torch.

Every tensor owns its memory, and the total is bounded: a record may show one small storage again
and again.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import torch

from grader.loading.inert.nodes import Node, TensorNode, described
from grader.loading.inert.storages import BYTES_OF_DTYPE
from grader.loading.refusal import RefusedExportError

# Numbers of half precision become single, so honest exports take up to twice their storages.
MAX_GROWTH = 2
SPARE_BYTES = 2**24

# How numpy reads the bytes of a dtype. It has no bfloat16, whose bits torch then reads again.
_NUMPY_DTYPES: Mapping[str, str] = MappingProxyType(
    {
        "float64": "<f8",
        "float32": "<f4",
        "float16": "<f2",
        "bfloat16": "<i2",
        "int64": "<i8",
        "int32": "<i4",
        "int16": "<i2",
        "int8": "i1",
        "uint8": "u1",
        "bool": "?",
    }
)
_BYTES_OF_SINGLE = 4


class TensorValues:
    """Tensors of one export, each made once, in single precision where they aren't integers."""

    def __init__(self, *, stored_bytes: int) -> None:
        """Set the bound.

        Args:
            stored_bytes: How much all storages of the export hold.
        """
        self._room = MAX_GROWTH * stored_bytes + SPARE_BYTES
        self._made: dict[int, torch.Tensor] = {}

    def tensor(self, node: Node, *, where: str) -> torch.Tensor:
        """The tensor that a node describes.

        Args:
            node: A tensor's record.
            where: The module and name, for a message.

        Raises:
            RefusedExportError: If it is none, of no dtype of a model, or too much for the file.
        """
        if not isinstance(node, TensorNode):
            raise RefusedExportError(
                what=f"the model has {described(node)} where a tensor should be", where=where
            )
        if id(node) not in self._made:
            self._made[id(node)] = self._copied(node, where)
        return self._made[id(node)]

    def _copied(self, node: TensorNode, where: str) -> torch.Tensor:
        if node.dtype not in _NUMPY_DTYPES:
            what = f"the model has a tensor of the type {node.dtype}, which the grader doesn't know"
            raise RefusedExportError(what=what, where=where)
        self._room -= node.n_elements * max(BYTES_OF_DTYPE[node.dtype], _BYTES_OF_SINGLE)
        if self._room < 0:
            what = "the tensors of the model show far more numbers than the file holds"
            raise RefusedExportError(what=what, where=where)
        tensor = torch.from_numpy(_array(node))
        if node.dtype == "bfloat16":
            tensor = tensor.view(torch.bfloat16)
        return tensor.float() if tensor.is_floating_point() else tensor


def _array(node: TensorNode) -> np.ndarray:
    """A contiguous copy; shape and strides were checked against the storage when it was read."""
    dtype = np.dtype(_NUMPY_DTYPES[node.dtype])
    if not node.n_elements:
        return np.empty(node.shape, dtype)
    size = dtype.itemsize
    data = node.storage.data
    flat = np.frombuffer(data[: len(data) // size * size], dtype)
    shown = np.lib.stride_tricks.as_strided(
        flat[node.offset :],
        shape=node.shape,
        strides=tuple(step * size for step in node.strides),
        writeable=False,
    )
    return np.array(shown, order="C")
