"""Torch's format before the zip: five pickles in a row, then the numbers of every storage."""

import struct
from collections.abc import Mapping

from grader.loading.inert.dtypes import DTYPES
from grader.loading.inert.nodes import DictNode, ListNode, Node, StorageNode
from grader.loading.inert.storages import with_bytes
from grader.loading.refusal import RefusedExportError

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_FORMAT_VERSION = 1001

_COUNT = struct.Struct("<q")


def check_start(magic_number: Node, version: Node, system: Node) -> None:
    """Compare the first three pickles with those that torch writes.

    Raises:
        RefusedExportError: If they differ, or the file comes from a big-endian machine.
    """
    if (
        magic_number != _MAGIC_NUMBER
        or version != _FORMAT_VERSION
        or not isinstance(system, DictNode)
    ):
        raise RefusedExportError(what="it doesn't begin as torch's files do", where="first pickles")
    if system.by_name().get("little_endian") is not True:
        raise RefusedExportError(
            what="its numbers are big-endian or of an unknown byte order",
            where="third pickle",
            advice="export on a little-endian machine (any PC, Mac or Colab)",
        )


def bind_storages(storages: Mapping[str, StorageNode], keys: Node, data: memoryview) -> None:
    """Give each storage its bytes.

    Args:
        storages: By key, as the object's pickle names them.
        keys: The list that the fifth pickle holds.
        data: Everything after that pickle.

    Raises:
        RefusedExportError: If keys and storages don't match one to one, or there are fewer or more
            bytes than announced.
    """
    order = (
        [key for key in keys.items if isinstance(key, str)] if isinstance(keys, ListNode) else []
    )
    if sorted(order) != sorted(storages):
        raise RefusedExportError(
            what="the list of storages doesn't match the ones in use", where="fifth pickle"
        )
    position = 0
    for key in order:
        position = _bind(storages[key], data, position)
    if position != len(data):
        raise RefusedExportError(
            what=f"{len(data) - position} bytes follow the last storage", where="end of the file"
        )


def _bind(storage: StorageNode, data: memoryview, position: int) -> int:
    begin = position + _COUNT.size
    end = begin + storage.n_elements * DTYPES[storage.dtype].size_bytes
    where = f"storage {storage.key}"
    if end > len(data):
        raise RefusedExportError(what="the file ends within its numbers", where=where)
    (n_elements,) = _COUNT.unpack_from(data, position)
    if n_elements != storage.n_elements:
        raise RefusedExportError(what="a storage declares two sizes", where=where)
    with_bytes(storage, data[begin:end])
    return end
