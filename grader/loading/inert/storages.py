"""Storages, the numbers behind tensors: what persistent ids say about them, and whether bytes fit.

Torch's pickles refer to a storage by an id that states its type, key and size. The same kind of id
stands for a class, in older files with its source text.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeGuard

from grader.loading.inert.dtypes import DTYPES
from grader.loading.inert.nodes import GlobalNode, Node, SourceText, StorageNode, path_of
from grader.loading.refusal import RefusedExportError

_MAX_COUNT = 2**63 - 1

_DTYPE_OF_STORAGE: Mapping[str, str] = MappingProxyType(
    {dtype.storage: dtype.name for dtype in DTYPES.values() if dtype.storage is not None}
)
# Whole numbers that stand for others, which torch computes with on some CPUs only.
_QUANTIZED = ("torch.QInt", "torch.QUInt")
_KEY_DIGITS = 20
_STORAGE_MODULES = ("torch", "torch.cuda", "torch.storage")


class PersistentIds:
    """The ids found so far.

    Attributes:
        storages: Each storage once, by key, in order of appearance; without bytes yet.
        sources: Source texts of classes, in order of appearance.
    """

    def __init__(self) -> None:
        self.storages: dict[str, StorageNode] = {}
        self.sources: list[SourceText] = []

    def resolve(self, identifier: Node) -> Node:
        """The storage or class that a persistent id stands for.

        Raises:
            RefusedExportError: If torch writes no such id, or two ids contradict each other.
        """
        match identifier:
            case ("storage", storage_type, key, location, n_elements):
                return self._storage(storage_type, key, location, n_elements)
            case ("storage", storage_type, key, location, n_elements, None):
                return self._storage(storage_type, key, location, n_elements)
            case ("module", named, None, None):
                return named
            case ("module", GlobalNode() as named, str(file), str(text)):
                self.sources.append(SourceText(class_path=named.path, file=file, text=text))
                return named
        raise RefusedExportError(
            what="its pickle refers to something that torch doesn't write", where="persistent id"
        )

    def _storage(self, storage_type: Node, key: Node, location: Node, size: Node) -> StorageNode:
        storage = _storage_of(key, storage_type, location, size)
        known = self.storages.setdefault(storage.key, storage)
        if (known.dtype, known.n_elements) != (storage.dtype, storage.n_elements):
            raise RefusedExportError(
                what="one storage is described in two ways", where=f"storage {storage.key}"
            )
        return known


def _unknown_type(shown: str, where: str) -> RefusedExportError:
    if shown.startswith(_QUANTIZED):
        return RefusedExportError(
            what=f"its weights are quantized ({shown})",
            where=where,
            advice="export the network before it is quantized",
        )
    return RefusedExportError(what=f"a storage has the unknown type {shown}", where=where)


def _storage_of(key: Node, storage_type: Node, location: Node, n_elements: Node) -> StorageNode:
    """A storage as its persistent id describes it, without its bytes yet.

    Raises:
        RefusedExportError: If its type is unknown or a part has the wrong kind.
    """
    where = f"storage {key[:_KEY_DIGITS]}" if isinstance(key, str) else "storage"
    dtype = None
    if isinstance(storage_type, GlobalNode) and storage_type.module in _STORAGE_MODULES:
        dtype = _DTYPE_OF_STORAGE.get(storage_type.name)
    if dtype is None:
        raise _unknown_type(path_of(storage_type) or "no name", where)
    is_number = isinstance(key, str) and len(key) <= _KEY_DIGITS and key.isdigit()
    if not isinstance(key, str) or not (is_number and key.isascii()):
        raise RefusedExportError(what="a storage's key is not a number", where=where)
    if not isinstance(location, str) or not is_count(n_elements):
        raise RefusedExportError(what="a storage's record is malformed", where=where)
    return StorageNode(key=key, dtype=dtype, n_elements=n_elements)


def with_bytes(storage: StorageNode, data: memoryview | None) -> None:
    """Give a storage its bytes.

    Raises:
        RefusedExportError: If there are none, or more or fewer than it says.
    """
    where = f"storage {storage.key}"
    if data is None:
        raise RefusedExportError(what="the numbers of a tensor are missing", where=where)
    expected = storage.n_elements * DTYPES[storage.dtype].size_bytes
    if len(data) != expected:
        raise RefusedExportError(
            what=f"a tensor's numbers take {len(data)} bytes instead of {expected}", where=where
        )
    storage.data = data


def is_count(node: Node) -> TypeGuard[int]:
    """Whether a node is an integer from 0 to 2**63 - 1, as torch counts; not True or False."""
    return type(node) is int and 0 <= node <= _MAX_COUNT
