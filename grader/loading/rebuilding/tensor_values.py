"""The numbers of an export's tensors, copied into tensors of torch.

Every tensor owns its memory, and the total is bounded, since records may repeat one small storage
many times.
"""

import numpy as np
import torch

from grader.loading.inert.dtypes import DTYPES, Dtype
from grader.loading.inert.nodes import Node, TensorNode, described
from grader.loading.refusal import RefusedExportError

# Numbers of half precision become single, so honest exports take up to twice their storages.
_MAX_GROWTH = 2
_SPARE_BYTES = 2**24

_BYTES_OF_SINGLE = 4
# Numpy lacks this type: it reads the bits as integers, and torch reinterprets those.
_BFLOAT16, _BITS = "bfloat16", "i2"


class TensorValues:
    """Tensors of one export, each made once, in single precision unless they are integers."""

    def __init__(self, *, stored_bytes: int) -> None:
        """Set the bound on memory.

        Args:
            stored_bytes: The size of all storages of the export.
        """
        self._room = _MAX_GROWTH * stored_bytes + _SPARE_BYTES
        self._made: dict[int, torch.Tensor] = {}

    def tensor(self, node: Node, *, where: str) -> torch.Tensor:
        """The tensor that a node describes.

        Args:
            node: A tensor's record.
            where: The module and name, for a message.

        Returns:
            A contiguous tensor of the record's shape: float32, or the integers or booleans as
            stored.

        Raises:
            RefusedExportError: If it is not a tensor, has a dtype that no model has, or is too
                large for the file.
        """
        if not isinstance(node, TensorNode):
            raise RefusedExportError(
                what=f"the model has {described(node)} where a tensor should be", where=where
            )
        if id(node) not in self._made:
            self._made[id(node)] = self._copied(node, where)
        return self._made[id(node)]

    def _copied(self, node: TensorNode, where: str) -> torch.Tensor:
        dtype = DTYPES[node.dtype]
        if dtype.numpy_name is None and dtype.name != _BFLOAT16:
            what = f"the model has a tensor of the type {dtype.name}, which the grader doesn't know"
            raise RefusedExportError(what=what, where=where)
        self._room -= node.n_elements * max(dtype.size_bytes, _BYTES_OF_SINGLE)
        if self._room < 0:
            what = "the tensors of the model show far more numbers than the file holds"
            raise RefusedExportError(what=what, where=where)
        tensor = torch.from_numpy(_array(node, dtype))
        if dtype.name == _BFLOAT16:
            tensor = tensor.view(torch.bfloat16)
        return tensor.float() if dtype.is_floating_point else tensor


def _array(node: TensorNode, type_of_node: Dtype) -> np.ndarray:
    """A contiguous copy; shape and strides were checked against the storage when it was read."""
    dtype = np.dtype(f"<{type_of_node.numpy_name or _BITS}")
    if not node.n_elements:
        return np.empty(node.shape, dtype)
    size = dtype.itemsize
    data = node.storage.data
    flat = np.frombuffer(data[: len(data) // size * size], dtype)
    shown = np.lib.stride_tricks.as_strided(
        flat[node.offset :],
        shape=node.shape,
        # A dimension of one element is never stepped along, whatever its stride is.
        strides=tuple(
            step * size if side > 1 else 0
            for side, step in zip(node.shape, node.strides, strict=True)
        ),
        writeable=False,
    )
    return np.array(shown, order="C")
