"""The model as a tree of module records, walked without recursion."""

from types import MappingProxyType

from grader.loading.inert.nodes import CallNode, Node, TensorNode, described
from grader.loading.inert.objects import class_of, named_pairs_of, pairs_of
from grader.loading.inert.work import spend_on_text
from grader.loading.learner.inspection import ModuleRecord
from grader.loading.refusal import RefusedExportError

_MAX_PATH_CHARACTERS = 1000
_PARTS = ("_parameters", "_buffers", "_modules")


def is_module(node: Node) -> bool:
    """Whether a node records an object whose state is a module's."""
    return isinstance(node, CallNode) and "_modules" in node.attributes()


def read_modules(root: Node) -> ModuleRecord:
    """The tree of modules under a node.

    Args:
        root: The record of the model.

    Returns:
        The root's record. A module that appears in several places is one record.

    Raises:
        RefusedExportError: If a part that should be a module isn't, a module contains itself, or
            a path has too many characters.
    """
    tree = _Tree()
    waiting: list[tuple[str, Node]] = [("", root)]
    while waiting:
        path, node = waiting[-1]
        missing = tree.missing_children(path, node)
        if missing:
            waiting.extend(reversed(missing))
        else:
            waiting.pop()
    return tree.records[id(root)]


class _Tree:
    """The records made so far, and the modules whose children are still being recorded."""

    def __init__(self) -> None:
        self.records: dict[int, ModuleRecord] = {}
        self._begun: dict[int, CallNode] = {}

    def missing_children(self, path: str, node: Node) -> list[tuple[str, Node]]:
        """The children that must be recorded first; if there are none, records the node."""
        if id(node) in self.records:
            return []
        if id(node) in self._begun:
            self.records[id(node)] = _record(path, self._begun[id(node)], self.records)
            return []
        call = _checked(path, node)
        self._begun[id(node)] = call
        attributes = call.attributes()
        children = {
            _path_below(path, name): child
            for name, child in named_pairs_of(attributes["_modules"]).items()
            if child is not None and id(child) not in self.records
        }
        for name, child in children.items():
            if id(child) in self._begun:
                raise RefusedExportError(
                    what="a module of the model contains itself", where=f"model, {name}"
                )
        return list(children.items()) or self.missing_children(path, node)


def _path_below(path: str, name: str) -> str:
    if len(path) + len(name) > _MAX_PATH_CHARACTERS:
        raise RefusedExportError(
            what=f"a module's path has {len(path) + len(name)} characters", where="model"
        )
    below = f"{path}.{name}" if path else name
    spend_on_text(below)
    return below


def every_module(root: ModuleRecord) -> tuple[ModuleRecord, ...]:
    """A module and all modules below it, each once, in the order in which they first appear."""
    found: dict[int, ModuleRecord] = {}
    waiting = [root]
    while waiting:
        record = waiting.pop()
        if id(record) not in found:
            found[id(record)] = record
            waiting.extend(child for _, child in reversed(record.children) if child is not None)
    return tuple(found.values())


def children_first(root: ModuleRecord) -> tuple[ModuleRecord, ...]:
    """The same modules, each after all those below it."""
    done: dict[int, ModuleRecord] = {}
    waiting = [root]
    while waiting:
        record = waiting[-1]
        if id(record) in done:
            waiting.pop()
            continue
        missing = [child for _, child in record.children if child and id(child) not in done]
        if missing:
            waiting.extend(missing)
        else:
            done[id(waiting.pop())] = record
    return tuple(done.values())


def n_parameters(root: ModuleRecord) -> int:
    """How many numbers the parameters of a model have, a shared parameter counted once."""
    tensors = {
        id(tensor): tensor.n_elements
        for record in every_module(root)
        for _, tensor in record.parameters
        if isinstance(tensor, TensorNode)
    }
    return sum(tensors.values())


def _checked(path: str, node: Node) -> CallNode:
    where = f"model, {path}" if path else "model"
    if not isinstance(node, CallNode) or not is_module(node):
        raise RefusedExportError(
            what=f"the model has {described(node)} where a module should be", where=where
        )
    attributes = node.attributes()
    for part in _PARTS:
        pairs = pairs_of(attributes.get(part))
        if pairs is None or not all(isinstance(key, str) for key, _ in pairs):
            raise RefusedExportError(what=f"a module's {part} are not a dict of names", where=where)
    return node


def _record(path: str, call: CallNode, records: dict[int, ModuleRecord]) -> ModuleRecord:
    attributes = call.attributes()
    made = class_of(call)
    hooks = {
        name: value
        for name, value in attributes.items()
        if name.startswith("_") and "_hooks" in name
    }
    rest = {
        name: value
        for name, value in attributes.items()
        if name not in _PARTS and name not in hooks
    }
    return ModuleRecord(
        path=path,
        class_path=made.path if made else described(call),
        is_by_value=made is None or made.is_by_value,
        node=call,
        parameters=tuple(named_pairs_of(attributes["_parameters"]).items()),
        buffers=tuple(named_pairs_of(attributes["_buffers"]).items()),
        children=tuple(
            (name, None if child is None else records[id(child)])
            for name, child in named_pairs_of(attributes["_modules"]).items()
        ),
        attributes=MappingProxyType(rest),
        hooks=tuple((name, hook) for name, value in hooks.items() for hook in _hooks_within(value)),
    )


def _hooks_within(node: Node) -> tuple[Node, ...]:
    """The hooks of a dictionary of hooks; if it is not a dictionary, the node itself."""
    pairs = pairs_of(node)
    return (node,) if pairs is None else tuple(hook for _, hook in pairs)
