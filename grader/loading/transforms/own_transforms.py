"""Transforms of a student's own class: whether the file shows that they leave images unchanged.

If it does, they need not be performed. If the class is only named, its code isn't in the file:
nothing can be known, and the caller decides what to do about a name without settings.
"""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from grader.loading.inert.functions import functions_in, returns_its_argument
from grader.loading.inert.nodes import CallNode, DictNode, InertGraph, Node, is_call_of, path_of
from grader.loading.inert.objects import CLASS_FILLER, CLASS_MAKERS, attributes_of
from grader.loading.transforms.known_transforms import PLAIN_TRANSFORMS

Effect: TypeAlias = Literal["none", "unseen", "unknown"]

_BASES_AT, _NAMESPACE_AT = 2, 3
_PLAIN_BASES = (
    *PLAIN_TRANSFORMS,
    "fastcore.transform.DisplayedTransform",
    "fasttransform.transform.DisplayedTransform",
)
# What Python and fastcore add to any class.
_ADDED_NAMES = frozenset(
    (
        *("__doc__", "__module__", "__qualname__", "__signature__", "__slotnames__"),
        *("__annotations__", "__type_params__", "__firstlineno__", "__static_attributes__"),
    )
)
# Contents of a transform's class besides `encodes` that don't affect an image.
_IDLE_NAMES = _ADDED_NAMES | {"decodes", "setups", "order", "split_idx"}
_USUAL_METACLASSES = ("builtins.type", "fastcore.meta.BypassNewMeta")
_MAX_BASES = 5
# What every transform has, of any class.
_GIVEN_ATTRIBUTES = frozenset(("split_idx", "init_enc", "order", "__signature__", "_name"))


def effect_of(transform: CallNode, graph: InertGraph) -> Effect:
    """What a transform does to images if its class is not fastai's.

    Args:
        transform: The object.
        graph: The export's graph, which holds what is set on classes in the file.

    Returns:
        "none" if its code is in the file and does nothing to them; "unseen" if the class is only
        named and has no settings; "unknown" otherwise.
    """
    has_settings = not attributes_of(transform).keys() <= _GIVEN_ATTRIBUTES
    if transform.class_path is not None and path_of(transform.function) is not None:
        return "unknown" if has_settings else "unseen"
    if has_settings or not is_call_of(transform.function, CLASS_MAKERS):
        return "unknown"
    bases, contents = _contents_of(transform.function, graph.calls)
    if not bases or not all(path_of(base) in _PLAIN_BASES for base in bases):
        return "unknown"
    if not contents.keys() - {"encodes"} <= _IDLE_NAMES:
        return "unknown"
    return "none" if "encodes" not in contents or _is_idle(contents["encodes"]) else "unknown"


def split_of_class(transform: CallNode, graph: InertGraph) -> Node:
    """The side on which a class whose code is in the file says that it acts; None if on both.

    Args:
        transform: An object of the class.
        graph: The export's graph.
    """
    if not is_call_of(transform.function, CLASS_MAKERS):
        return None
    _, contents = _contents_of(transform.function, graph.calls)
    return contents.get("split_idx")


def original_of(made: Node, graph: InertGraph) -> Node:
    """The class that a class in the file adds nothing to; any other node is its own original."""
    for _ in range(_MAX_BASES):
        if not is_call_of(made, CLASS_MAKERS) or not _is_made_usually(made):
            return made
        bases, contents = _contents_of(made, graph.calls)
        if len(bases) != 1 or not contents.keys() <= _ADDED_NAMES:
            return made
        (made,) = bases
    return made


def _is_made_usually(made: CallNode) -> bool:
    return any(path_of(metaclass) in _USUAL_METACLASSES for metaclass in made.args[:1])


def _contents_of(
    made: CallNode, calls: Iterable[CallNode]
) -> tuple[tuple[Node, ...], dict[str, Node]]:
    """Bases and contents of a class in the file."""
    bases = made.args[_BASES_AT] if len(made.args) > _NAMESPACE_AT else None
    contents: dict[str, Node] = {}
    for namespace in (made.args[_NAMESPACE_AT:][:1], *_fillings(made, calls)):
        for part in namespace:
            contents |= part.by_name() if isinstance(part, DictNode) else {}
    return bases if isinstance(bases, tuple) else (), contents


def _fillings(made: CallNode, calls: Iterable[CallNode]) -> Iterable[tuple[Node, ...]]:
    for call in calls:
        if not call.args or call.args[0] is not made or not is_call_of(call, (CLASS_FILLER,)):
            continue
        match call.args:
            case (_, tuple(parts)):
                yield parts


def _is_idle(encodes: Node) -> bool:
    """Whether all functions that a dispatcher could choose return their argument."""
    functions = list(functions_in(encodes))
    return bool(functions) and all(
        returns_its_argument(function, is_method=True) for function in functions
    )
