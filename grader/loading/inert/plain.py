"""Plain Python values from nodes that stand for nothing else: numbers, names and lists of them.

A few calls stand for a value without behaviour (an OrderedDict, a numpy number, bytes in an old
protocol); their value is computed here. Every other call stays a record, and asking for its value
is an error.
"""

import struct
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sized
from types import MappingProxyType
from typing import Any

from grader.loading.inert.dtypes import DTYPES
from grader.loading.inert.nodes import (
    CallNode,
    DictNode,
    ListNode,
    Node,
    SetNode,
    children_of,
    described,
    path_of,
    walk_up,
)
from grader.loading.inert.work import spend, spend_on_text

MAX_ITEMS = 2**21
_MAX_EDGES = 2_000_000
_MAX_CHARACTERS = 10_000
# Numbers can be chosen so that all have the same hash; a dict with many such keys takes forever.
_MAX_KEYS_OF_ONE_HASH = 50

_CHARACTERS_PER_ITEM = 8
# The struct formats of numpy's types.
_LAYOUTS: Mapping[str, str] = MappingProxyType(
    {
        dtype.numpy_name: f"<{dtype.letter}"
        for dtype in DTYPES.values()
        if dtype.numpy_name is not None
    }
)
_SCALARS = (int, float, str, bytes, bytearray, type(None))
_KEY_TYPES = (str, int, float, bytes, type(None))


class NotPlainError(Exception):
    """A node that stands for more than a plain value; the text names it."""


def plain_value(node: Node, *, max_edges: int = _MAX_EDGES) -> Any:
    """The value that a node stands for.

    Args:
        node: Any node of a graph.
        max_edges: How many steps from a container to its parts are allowed.

    Returns:
        None, a number, a string, bytes, or a tuple, list, set or dict of these.

    Raises:
        NotPlainError: If the node is or holds something else, contains itself, or is too large.
    """
    reading = _Reading(max_edges)
    for current in walk_up(node, max_edges=max_edges):
        reading.keep(current)
    return reading.use(node)


class _Reading:
    """Values found so far; a node without a value has the reason instead.

    A value is as large as it would be if nothing in it were shared. So whatever is plain can also
    be compared and printed.
    """

    def __init__(self, max_edges: int) -> None:
        self._values: dict[int, Any] = {}
        self._reasons: dict[int, str] = {}
        self._n_unfolded: dict[int, int] = {}
        self._max_edges = max_edges
        self._room = MAX_ITEMS

    def use(self, node: Node) -> Any:
        key = id(node)
        if key in self._values:
            return self._values[key]
        reason = self._reasons.get(key)
        raise NotPlainError(reason or f"{described(node)} that contains itself or is too large")

    def keep(self, node: Node) -> None:
        try:
            value = self._converted(node)
        except NotPlainError as error:
            self._reasons[id(node)] = str(error)
            return
        self._room -= _size_of(value)
        n_unfolded = self._unfolded(node)
        if self._room < 0 or n_unfolded > self._max_edges:
            self._reasons[id(node)] = "more than a reader should unfold"
            return
        self._n_unfolded[id(node)] = n_unfolded
        self._values[id(node)] = value

    def _unfolded(self, node: Node) -> int:
        """The edges below a node, a shared part counted wherever it appears."""
        if isinstance(node, _SCALARS):
            return 0
        return sum(1 + self._n_unfolded.get(id(child), 0) for child in children_of(node))

    def _converted(self, node: Node) -> Any:
        if self._room < 0:
            raise NotPlainError("more than a reader should unfold")
        match node:
            case tuple():
                return tuple(self.use(item) for item in node)
            case ListNode():
                return [self.use(item) for item in node.items]
            case SetNode():
                members = frozenset(_keys(self.use(item) for item in node.items))
                return members if node.is_frozen else set(members)
            case DictNode():
                return _dict([(self.use(key), self.use(value)) for key, value in node.pairs])
            case CallNode():
                spend(sum(_size_of(self._values.get(id(argument))) for argument in node.args))
                return _called(node, self.use)
        if not isinstance(node, _SCALARS):
            raise NotPlainError(described(node))
        return node


def _size_of(value: object) -> int:
    """How much memory a value takes apart from its parts, in list items."""
    if isinstance(value, (str, bytes, bytearray)):
        return 1 + len(value) // _CHARACTERS_PER_ITEM
    return len(value) if isinstance(value, Sized) else 1


def _key(value: Any) -> Hashable:
    """A dict's key or a set's member; not a nested tuple, whose hash could take forever."""
    parts = value if isinstance(value, tuple) else (value,)
    spend(len(parts))
    if not all(isinstance(part, _KEY_TYPES) for part in parts):
        raise NotPlainError("a key that is neither a name nor a number")
    return value  # type: ignore[no-any-return] # its parts were checked above


def _keys(values: Iterable[Any]) -> list[Hashable]:
    """Keys of one dict or members of one set."""
    keys = [_key(value) for value in values]
    repeats = Counter(map(hash, keys))
    if any(count > _MAX_KEYS_OF_ONE_HASH for count in repeats.values()):
        raise NotPlainError(f"more than {_MAX_KEYS_OF_ONE_HASH} keys with the same hash")
    return keys


def _dict(pairs: list[tuple[Any, Any]]) -> dict[Hashable, Any]:
    return dict(zip(_keys(key for key, _ in pairs), (value for _, value in pairs), strict=True))


def _called(call: CallNode, use: Callable[[Node], Any]) -> Any:
    meaning = _MEANINGS.get(path_of(call.function) or "")
    if meaning is None or call.kwargs is not None:
        raise NotPlainError(described(call))
    try:
        return meaning(call, use)
    except (TypeError, ValueError, LookupError, OverflowError, struct.error) as error:
        raise NotPlainError(f"{described(call)} with odd arguments") from error


def _encoded(call: CallNode, use: Callable[[Node], Any]) -> bytes:
    text, encoding = (use(argument) for argument in call.args)
    if encoding != "latin1" or not isinstance(text, str):
        raise NotPlainError(described(call))
    return text.encode("latin-1")


def _ordered_dict(call: CallNode, use: Callable[[Node], Any]) -> dict[Hashable, Any]:
    given = use(call.args[0]) if call.args else ()
    spend(sum(map(_size_of, given)))
    pairs = [tuple(pair) for pair in given]
    pairs += [(use(key), use(value)) for key, value in call.pairs]
    return _dict([(key, value) for key, value in pairs])


def _members(call: CallNode, use: Callable[[Node], Any]) -> list[Hashable]:
    (items,) = call.args or ((),)
    return _keys(use(items))


def _complex(call: CallNode, use: Callable[[Node], Any]) -> complex:
    real, imaginary = (use(argument) for argument in call.args)
    return complex(float(real), float(imaginary))


def _bytes(call: CallNode, use: Callable[[Node], Any]) -> bytes:
    content = [use(argument) for argument in call.args[:1]]
    if not all(isinstance(part, bytes) for part in content):
        raise NotPlainError(described(call))
    return b"".join(content)


def _fastcore_list(call: CallNode, use: Callable[[Node], Any]) -> list[Any]:
    items = use(call.attributes()["items"])
    spend(_size_of(items))
    return list(items)


def _tuple(call: CallNode, use: Callable[[Node], Any]) -> tuple[Any, ...]:
    (items,) = call.args or ((),)
    return tuple(use(items))


def _numpy_scalar(call: CallNode, use: Callable[[Node], Any]) -> Any:
    dtype, content = call.args
    name = dtype_name(dtype)
    if name.startswith("U") and isinstance(content, (bytes, CallNode)):
        text = use(content)
        if not isinstance(text, bytes) or len(text) > 4 * _MAX_CHARACTERS:
            raise NotPlainError("a text that is invalid or too long")
        spend_on_text(text)
        return text.decode("utf-32-le").rstrip("\0")
    (value,) = struct.unpack(_LAYOUTS[name], use(content))
    return value


def dtype_name(node: Node) -> str:
    """Letters and size of a numpy type, such as f8; empty if it is not one or is big-endian."""
    match node:
        case CallNode(args=(str(name), *_), state=(int(), "<" | "|", *_)):
            return name if path_of(node.function) == "numpy.dtype" else ""
    return ""


def _picked_number(call: CallNode, use: Callable[[Node], Any]) -> Any:
    (number,) = call.args
    if not isinstance(number, int):
        raise NotPlainError(described(call))
    return use(number)


_MEANINGS: Mapping[str, Callable[[CallNode, Callable[[Node], Any]], Any]] = MappingProxyType(
    {
        "_codecs.encode": _encoded,
        "builtins.bytes": _bytes,
        "builtins.bytearray": lambda call, use: bytearray(_bytes(call, use)),
        "builtins.set": lambda call, use: set(_members(call, use)),
        "builtins.frozenset": lambda call, use: frozenset(_members(call, use)),
        "builtins.complex": _complex,
        "collections.OrderedDict": _ordered_dict,
        "fastcore.foundation.L": _fastcore_list,
        "fastcore.basics.fastuple": _tuple,
        "fastcore.utils.fastuple": _tuple,
        "torch.Size": _tuple,
        "numpy.core.multiarray.scalar": _numpy_scalar,
        "numpy._core.multiarray.scalar": _numpy_scalar,
        "PIL.Image.Resampling": _picked_number,
        "PIL.Image.Transpose": _picked_number,
    }
)
