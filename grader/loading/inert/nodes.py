"""The content of a pickle, as records: the nodes of the inert graph, and ways to walk them.

No node is ever the object that it stands for. A global is two strings, a call is a record of a
function and its arguments, an object's state is a value beside it. Values that hold no others
(None, bool, int, float, str, bytes, bytearray) and tuples stand for themselves.

The graph may be cyclic and may share nodes. Never compare, hash or print a node as a whole (a tuple
can be deep, or unfold to more leaves than fit in memory): walk it, and remember `id`s.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from typing import Literal, TypeAlias, TypeGuard

from grader.loading.inert.work import spend

Opcode: TypeAlias = Literal["REDUCE", "NEWOBJ", "NEWOBJ_EX", "OBJ", "INST"]

Scalar: TypeAlias = bool | int | float | str | bytes | bytearray | None

Node: TypeAlias = (
    "Scalar | tuple[Node, ...] | ListNode | DictNode | SetNode | GlobalNode | CallNode"
    " | StorageNode | TensorNode"
)


@dataclass(frozen=True, slots=True)
class GlobalNode:
    """A name that the pickle would import. Python 2's module names are translated to Python 3's."""

    module: str
    name: str

    @property
    def path(self) -> str:
        """Module and name joined by a dot: torch.nn.modules.linear.Linear."""
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False, repr=False)
class ListNode:
    """A list, which only the reader fills."""

    items: list["Node"] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class DictNode:
    """A dict as the pairs that were set, in order. A later pair wins over an earlier equal key."""

    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)

    def by_name(self) -> dict[str, "Node"]:
        """The pairs whose key is a string, as a dictionary."""
        spend(len(self.pairs))
        return {key: value for key, value in self.pairs if isinstance(key, str)}


@dataclass(slots=True, eq=False, repr=False)
class SetNode:
    """A set or frozenset as the members that were added; equal members may repeat."""

    items: list["Node"] = field(default_factory=list)
    is_frozen: bool = False


@dataclass(slots=True, eq=False, repr=False)
class CallNode:
    """A call that the pickle asks for, and what it would do to the result. Nothing was called.

    Attributes:
        opcode: The opcode that asked for it. NEWOBJ and NEWOBJ_EX make an object of a class.
        function: What would be called; for NEWOBJ, NEWOBJ_EX, OBJ and INST the class.
        args: The arguments, without the class.
        kwargs: Keyword arguments; only NEWOBJ_EX has them.
        position: The opcode's offset in its pickle, in bytes.
        state: What BUILD would set: usually a dict of attributes, sometimes (dict, dict of slots).
            None if there was no BUILD.
        appended: What would be appended (a list's subclass) or added (a set's).
        pairs: What would be set by key (a dict's subclass, such as OrderedDict).
    """

    opcode: Opcode
    function: "Node"
    args: tuple["Node", ...]
    kwargs: DictNode | None
    position: int
    state: "Node" = None
    appended: list["Node"] = field(default_factory=list)
    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)

    @property
    def class_path(self) -> str | None:
        """The class that an object would be made from, as module.name; None for other calls."""
        if self.opcode != "REDUCE":
            made = self.function
        elif path_of(self.function) in _OBJECT_MAKERS and self.args:
            made = self.args[0]
        else:
            return None
        return path_of(made)

    def attributes(self, *, at_most: int | None = None) -> dict[str, "Node"]:
        """The attributes that BUILD would set, by name, including those in slots.

        Args:
            at_most: How many are looked at.
        """
        parts = self.state[:2] if isinstance(self.state, tuple) else (self.state,)
        dicts = [part.pairs for part in parts if isinstance(part, DictNode)]
        n_pairs = sum(map(len, dicts))
        spend(n_pairs if at_most is None else min(n_pairs, at_most))
        pairs = chain.from_iterable(dicts)
        return {name: value for name, value in islice(pairs, at_most) if isinstance(name, str)}


@dataclass(slots=True, eq=False, repr=False)
class StorageNode:
    """The numbers behind tensors, checked against the file and not yet read.

    Attributes:
        key: Its name in the file.
        dtype: As torch calls it, without the prefix: float32.
        n_elements: How many numbers it holds.
        data: Its bytes, little-endian; exactly `n_elements` times the size of one.
    """

    key: str
    dtype: str
    n_elements: int
    data: memoryview = field(default_factory=lambda: memoryview(b""))


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class TensorNode:
    """A tensor whose shape, strides and offset were checked against its storage.

    Attributes:
        storage: The numbers.
        dtype: The element type, as in `StorageNode`; it differs from the storage's only if the
            storage is untyped bytes.
        offset: Position of the first element, in elements of `dtype`.
        shape: Size of each dimension.
        strides: Steps in elements, none negative, one for each dimension.
        class_path: torch.Tensor, torch.nn.parameter.Parameter or a subclass.
        hooks: The backward hooks of the record; an empty dictionary in an honest file.
        state: Python attributes of a subclass; None if it has none.
    """

    storage: StorageNode
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    class_path: str = "torch.Tensor"
    hooks: "Node" = None
    state: "Node" = None

    @property
    def n_elements(self) -> int:
        """How many elements the shape shows; more than the storage holds only for small tensors."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """Source code of a module class in an old torch file; never run."""

    class_path: str
    file: str
    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class InertGraph:
    """Everything that one export's pickle says.

    Attributes:
        root: The object that would have come out.
        protocol: The pickle protocol, 0 to 5.
        n_opcodes: How many opcodes were executed.
        globals: Each name once, in order of appearance.
        calls: Every call, in order, including those whose result was thrown away.
        storages: Each storage once, in order of appearance.
        sources: Source texts in the file.
    """

    root: "Node"
    protocol: int
    n_opcodes: int
    globals: tuple[GlobalNode, ...]
    calls: tuple[CallNode, ...]
    storages: tuple[StorageNode, ...]
    sources: tuple[SourceText, ...]


_OBJECT_MAKERS = (
    "copyreg._reconstructor",
    "copyreg.__newobj__",
    "copyreg.__newobj_ex__",
)


def path_of(node: Node) -> str | None:
    """The dotted name of a global; None for any other node."""
    return node.path if isinstance(node, GlobalNode) else None


def is_call_of(node: Node, paths: tuple[str, ...]) -> TypeGuard[CallNode]:
    """Whether a node records a call of one of these functions or classes."""
    return isinstance(node, CallNode) and path_of(node.function) in paths


def described(node: Node) -> str:
    """A node described in a few words, for a message."""
    if isinstance(node, GlobalNode):
        return f"the imported name {node.path}"
    if isinstance(node, CallNode):
        return f"a call of {path_of(node.function) or 'a computed function'}"
    return f"a {type(node).__name__.removesuffix('Node').lower()}"


def children_of(node: Node) -> Iterator[Node]:
    """The nodes that a node holds directly, in the order of the file."""
    match node:
        case tuple():
            yield from node
        case ListNode() | SetNode():
            yield from node.items
        case DictNode():
            yield from _flat(node.pairs)
        case CallNode():
            yield from (node.function, node.args, node.kwargs, node.state)
            yield from node.appended
            yield from _flat(node.pairs)
        case TensorNode():
            yield from (node.storage, node.hooks, node.state)
        case _:
            return


def _n_children(node: Node, *, at_most: int | None = None) -> int:
    """How many nodes `children_of` gives, or about as many, without going through them."""
    match node:
        case tuple():
            n_children = len(node)
        case ListNode() | SetNode():
            n_children = len(node.items)
        case DictNode():
            n_children = 2 * len(node.pairs)
        case CallNode():
            n_children = 4 + len(node.appended) + 2 * len(node.pairs)
        case _:
            return 0
    return n_children if at_most is None else min(n_children, at_most)


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, parents first; a node with children comes only once."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        yield current
        children = list(children_of(current))
        if children:
            spend(1 + len(children))
            seen.add(id(current))
            waiting.extend(reversed(children))


def walk_up(node: Node, *, max_edges: int | None = None) -> Iterator[Node]:
    """A node and everything below it, children first; each node comes once.

    Where the graph is cyclic, the node that closes a cycle comes before one of its children.

    Args:
        node: The root, which comes last.
        max_edges: After this many steps from parent to child, the walk stops before its end.
    """
    edges = count(1)
    seen = {id(node)}
    path = [(node, children_of(node))]
    spend(1 + _n_children(node, at_most=max_edges))
    while path:
        current, children = path[-1]
        for child in children:
            if max_edges is not None and next(edges) > max_edges:
                return
            if id(child) not in seen:
                seen.add(id(child))
                spend(1 + _n_children(child, at_most=max_edges))
                path.append((child, children_of(child)))
                break
        else:
            yield current
            path.pop()


def _flat(pairs: list[tuple[Node, Node]]) -> Iterator[Node]:
    return (node for pair in pairs for node in pair)
