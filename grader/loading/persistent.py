"""What torch's persistent ids stand for: storages, and in old files the source of a class."""

from grader.loading.nodes import GlobalNode, Node, SourceText, StorageNode
from grader.loading.refusal import RefusedExportError
from grader.loading.storages import storage_of


class PersistentIds:
    """The ids met so far.

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
        storage = storage_of(key, storage_type, location, size)
        known = self.storages.setdefault(storage.key, storage)
        if (known.dtype, known.n_elements) != (storage.dtype, storage.n_elements):
            raise RefusedExportError(
                what="one storage is described in two ways", where=f"storage {storage.key}"
            )
        return known
