"""Reads an export's pickle as an inert graph. Nothing that it names is imported, called or set.

The graph's parts are plain values and records, described in `nodes.py`. Storages keep their bytes
in the file until they are used.
"""

from io import BytesIO
from types import NoneType

from grader.loading.archive.container import MAX_PICKLE_BYTES, Container
from grader.loading.inert import legacy
from grader.loading.inert.machine import Machine
from grader.loading.inert.nodes import (
    GlobalNode,
    InertGraph,
    Node,
    StorageNode,
    children_of,
    described,
    is_call_of,
    walk,
    walk_up,
)
from grader.loading.inert.objects import CLASS_FILLER
from grader.loading.inert.storages import PersistentIds, with_bytes
from grader.loading.refusal import RefusedExportError, naming

MAX_DEPTH = 200

_SCALARS = (str, int, float, bytes, bytearray, NoneType)
_CHILDLESS = (*_SCALARS, GlobalNode, StorageNode)
_FILLING_CALLS = ("cloudpickle.cloudpickle._function_setstate", CLASS_FILLER)


def read_inert(container: Container) -> InertGraph:
    """Execute an export's pickle on placeholders.

    Args:
        container: The result of `read_container`.

    Returns:
        The graph. Every tensor in it was checked against its storage, every storage against its
        bytes; apart from cycles, nothing in it is nested deeper than `MAX_DEPTH`.

    Raises:
        RefusedExportError: If the pickle or a storage is broken, too large, or does what no honest
            export does.
    """
    with naming(container.path):
        ids = PersistentIds()
        machine = Machine(ids.resolve)
        stream = BytesIO(container.stream[:MAX_PICKLE_BYTES])
        if container.layout == "legacy":
            legacy.check_start(machine.run(stream), machine.run(stream), machine.run(stream))
        root = machine.run(stream)
        protocol = machine.protocol
        _check_dropped(root, machine.stack.dropped)
        if container.layout == "legacy":
            keys = machine.run(stream)
            legacy.bind_storages(ids.storages, keys, container.stream[stream.tell() :])
        else:
            _check_end(stream.tell(), len(container.stream))
            for key, storage in ids.storages.items():
                with_bytes(storage, container.storages.get(key))
        _check_depth((root, *reversed(machine.calls)))
        return InertGraph(
            root=root,
            protocol=protocol,
            n_opcodes=machine.n_opcodes,
            globals=tuple(machine.globals.values()),
            calls=tuple(machine.calls),
            storages=tuple(ids.storages.values()),
            sources=tuple(ids.sources),
        )


def _check_end(position: int, size: int) -> None:
    if position != size:
        raise RefusedExportError(
            what=f"{size - position} bytes, perhaps a second pickle, follow the end of its pickle",
            where=f"pickle, byte {position}",
        )


def _check_dropped(root: Node, dropped: list[Node]) -> None:
    """Refuse an object or call that the result doesn't contain: it was made for a side effect.

    Exceptions are the calls by which cloudpickle fills a function, and parts of a tuple that
    contains itself.
    """
    suspects = [node for node in dropped if not isinstance(node, _SCALARS) and node != ()]
    if not suspects:
        return
    kept = {id(node) for node in walk(root)}
    for node in suspects:
        if id(node) in kept or is_call_of(node, _FILLING_CALLS):
            continue
        raise RefusedExportError(
            what=f"its pickle makes {described(node)} and throws it away, as no exporter does",
            where="pickle",
        )


def _check_depth(root: Node) -> None:
    """Refuse objects that are nested too deep, without recursion; a cycle counts once."""
    depths: dict[int, int] = {}
    for node in walk_up(root):
        children = [child for child in children_of(node) if not isinstance(child, _CHILDLESS)]
        depth = 1 + max((depths.get(id(child), 0) for child in children), default=0)
        if depth > MAX_DEPTH:
            raise RefusedExportError(
                what=f"its objects are nested more than {MAX_DEPTH} deep", where="pickle"
            )
        depths[id(node)] = depth
