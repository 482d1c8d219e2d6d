"""Reads the shapes that fastai's and torch's objects have in a graph: lists, dicts, classes."""

import re
from dataclasses import dataclass

from grader.loading.inert.nodes import CallNode, DictNode, ListNode, Node, path_of
from grader.loading.inert.plain import NotPlainError, dtype_name, plain_value
from grader.loading.inert.work import spend, spend_on_text

# Called with a metaclass, the name, the bases and a dict that names the module.
CLASS_MAKERS = ("cloudpickle.cloudpickle._make_skeleton_class", "dill._dill._create_type")
# Called with a class made in that way and its contents.
CLASS_FILLER = "cloudpickle.cloudpickle._class_setstate"

# numpy's name for the type of texts with a fixed number of characters.
_WIDTH = re.compile(r"U([0-9]{1,9})", re.ASCII)
_MAX_ARRAY_ITEMS = 2**17
# Of a class whose code is in the file; names of imported classes are bounded where they are read.
_MAX_NAME_CHARACTERS = 500
_FASTCORE_LIST = "fastcore.foundation.L"
_ARRAY_MAKERS = (
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
)


@dataclass(frozen=True, slots=True)
class ClassName:
    """A class as module.name, and whether its code is in the file."""

    path: str
    is_by_value: bool


def class_of(node: Node) -> ClassName | None:
    """The class of the object that a node records; None if it records no object."""
    if not isinstance(node, CallNode):
        return None
    if node.class_path is not None:
        return ClassName(node.class_path, is_by_value=False)
    if node.opcode != "REDUCE":
        return class_named_by(node.function)
    return None


def class_named_by(node: Node) -> ClassName | None:
    """The class that a node is: an imported name, or code in the file."""
    path = path_of(node)
    if path is not None:
        return ClassName(path, is_by_value=False)
    match node:
        case CallNode(function=maker, args=(_, str(name), _, DictNode() as namespace, *_)):
            if path_of(maker) in CLASS_MAKERS:
                module = namespace.by_name().get("__module__")
                home = module if isinstance(module, str) else "__main__"
                path = f"{home[:_MAX_NAME_CHARACTERS]}.{name[:_MAX_NAME_CHARACTERS]}"
                return ClassName(path, is_by_value=True)
    return None


def items_of(node: Node) -> tuple[Node, ...] | None:
    """The items of a list, tuple, fastcore's L or numpy array of objects or strings."""
    unwrapped = set()
    while isinstance(node, CallNode) and node.class_path == _FASTCORE_LIST:
        if id(node) in unwrapped:
            return None
        unwrapped.add(id(node))
        node = node.attributes().get("items")
    match node:
        case tuple():
            spend(len(node))
            return node
        case ListNode(items=items):
            spend(len(items))
            return tuple(items)
        case CallNode(function=maker, state=(_, _, dtype, _, content)):
            return _array_items(dtype, content) if path_of(maker) in _ARRAY_MAKERS else None
    return None


def _array_items(dtype: Node, content: Node) -> tuple[Node, ...] | None:
    name = dtype_name(dtype)
    if name.startswith("O") and isinstance(content, ListNode):
        spend(len(content.items))
        return tuple(content.items)
    width = _WIDTH.fullmatch(name)
    if width is None:
        return None
    try:
        encoded = plain_value(content)
        spend_on_text(encoded)
        text = encoded.decode("utf-32-le")
    except (NotPlainError, AttributeError, TypeError, UnicodeDecodeError):
        return None
    starts = range(0, len(text), max(int(width[1]), 1))
    spend(len(starts))
    if len(starts) > _MAX_ARRAY_ITEMS:
        return None
    return tuple(text[start : start + starts.step].rstrip("\0") for start in starts)


def pairs_of(node: Node) -> tuple[tuple[Node, Node], ...] | None:
    """The pairs of a dict, or of an object that would be a dict."""
    match node:
        case DictNode(pairs=pairs) | CallNode(pairs=pairs, args=()):
            spend(len(pairs))
            return tuple(pairs)
    return None


def named_pairs_of(node: Node) -> dict[str, Node]:
    """The pairs whose key is a string; empty if the node is not a dict."""
    return {key: value for key, value in pairs_of(node) or () if isinstance(key, str)}


def attributes_of(node: Node) -> dict[str, Node]:
    """The attributes of an object; empty if the node is not an object."""
    return node.attributes() if isinstance(node, CallNode) else {}
