"""A tree of module records as the installed torchvision and timm would have written it.

Only records are changed: names, plain attributes, and which child runs in which place. What a row
of the tables doesn't explain stays as it is, and is found out when the network is tried.
"""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from grader.loading.allowlist.drift.moved import MOVED
from grader.loading.allowlist.drift.rewriting import (
    IDENTITY,
    SEQUENTIAL,
    child_of,
    with_children,
)
from grader.loading.allowlist.drift.steps import (
    Absent,
    Changed,
    Default,
    Derived,
    Emptied,
    Idle,
    Joined,
    Renamed,
    Rewritten,
    Sequenced,
    Step,
    Unread,
)
from grader.loading.allowlist.drift.timm_convnets import TIMM_CONVNET_STEPS
from grader.loading.allowlist.drift.timm_layers import TIMM_LAYER_STEPS
from grader.loading.allowlist.drift.timm_transformers import TIMM_TRANSFORMER_STEPS
from grader.loading.allowlist.drift.torchvision_rows import TORCHVISION_STEPS
from grader.loading.inert.nodes import DictNode
from grader.loading.learner.inspection import ModuleRecord
from grader.loading.learner.module_tree import children_first, every_module

_STEPS: tuple[Step, ...] = (
    *TORCHVISION_STEPS,
    *TIMM_LAYER_STEPS,
    *TIMM_CONVNET_STEPS,
    *TIMM_TRANSFORMER_STEPS,
)
_Part = TypeVar("_Part")


def up_to_date(root: ModuleRecord) -> ModuleRecord:
    """The same model, every record as today's version of its class writes it.

    Args:
        root: As it was read.
    """
    updated: dict[int, ModuleRecord] = {}
    steps_of: dict[str, tuple[Step, ...]] = {}
    for record in children_first(root):
        moved = replace(
            record,
            class_path=record.class_path if record.is_by_value else home_of(record.class_path),
            children=tuple(
                (name, None if child is None else updated[id(child)])
                for name, child in record.children
            ),
        )
        if not record.is_by_value:
            path = moved.class_path
            steps = steps_of.setdefault(path, tuple(s for s in _STEPS if _is_about(s, path)))
            for step in steps:
                moved = _taken(moved, step, record)
        updated[id(record)] = moved
    return updated[id(root)]


def changed_classes(root: ModuleRecord) -> dict[str, ModuleRecord]:
    """The first record for each reason why a class computes something else today.

    Args:
        root: As it was read.
    """
    steps = [step for step in _STEPS if isinstance(step, Changed)]
    found: dict[str, ModuleRecord] = {}
    for record in every_module(root):
        path = home_of(record.class_path)
        for step in steps:
            if _is_about(step, path) and step.when(record):
                found.setdefault(step.reason, record)
    return found


def home_of(class_path: str) -> str:
    """Where a class is today."""
    for old, new in MOVED.items():
        if class_path == old or (old.endswith(".") and class_path.startswith(old)):
            return new + class_path.removeprefix(old)
    return class_path


def _is_about(step: Step, path: str) -> bool:
    return any(path == one or (one.endswith(".") and path.startswith(one)) for one in step.classes)


def _taken(record: ModuleRecord, step: Step, old: ModuleRecord) -> ModuleRecord:  # noqa: PLR0911 - one for each kind of row
    match step:
        case Default() | Derived() | Emptied():
            return _with_attribute(record, step)
        case Idle() | Absent():
            return _with_stand_ins(record, step)
        case Renamed(old=before, new=after):
            return _renamed(record, before, after) if _has(record, before) else record
        case Joined() | Sequenced():
            return _joined(record, step) if isinstance(step, Joined) else _sequenced(record, step)
        case Rewritten(how=how):
            return how(record, old)
        case Unread(names=names):
            return _unread(record, names)
        case Changed():
            return record


def _with_attribute(record: ModuleRecord, step: Default | Derived | Emptied) -> ModuleRecord:
    if _has(record, step.name) and not isinstance(step, Emptied):
        return record
    match step:
        case Default(value=value):
            found = value
        case Derived(how=how):
            found = how(record)
        case Emptied():
            found = DictNode()
    attributes = {**record.attributes, step.name: found}
    return replace(record, attributes=MappingProxyType(attributes))


def _with_stand_ins(record: ModuleRecord, step: Idle | Absent) -> ModuleRecord:
    if isinstance(step, Absent):
        return with_children(record, {n: None for n in step.names if not _has(record, n)})
    present = {name for name, child in record.children if child is not None}
    lacking = [name for name in step.names if name not in present]
    return with_children(record, {name: child_of(record, name, IDENTITY) for name in lacking})


def _has(record: ModuleRecord, name: str) -> bool:
    parts = (*record.children, *record.parameters, *record.buffers)
    return name in record.attributes or any(name == one for one, _ in parts)


def _renamed(record: ModuleRecord, old: str, new: str) -> ModuleRecord:
    def named(parts: Iterable[tuple[str, _Part]]) -> tuple[tuple[str, _Part], ...]:
        return tuple((new if name == old else name, part) for name, part in parts)

    return replace(
        record,
        attributes=MappingProxyType(dict(named(record.attributes.items()))),
        children=named(record.children),
        parameters=named(record.parameters),
        buffers=named(record.buffers),
    )


def _joined(record: ModuleRecord, step: Joined) -> ModuleRecord:
    children = dict(record.children)
    if not {step.parts[0], step.parts[-1]} <= children.keys():
        return record
    parts = [(name, children.pop(name)) for name in step.parts if name in children]
    running = tuple((name, part) for name, part in parts if part is not None)
    children[step.name] = child_of(record, step.name, SEQUENTIAL, children=running)
    return replace(record, children=tuple(children.items()))


def _sequenced(record: ModuleRecord, step: Sequenced) -> ModuleRecord:
    children = dict(record.children)
    if any(child is not None for name, child in children.items() if name not in step.parts):
        return record
    running = [(name, children[name]) for name in step.parts if children.get(name) is not None]
    if step.then is not None:
        running.append(("then", child_of(record, "then", step.then)))
    return replace(
        record, class_path=SEQUENTIAL, children=tuple(running), attributes=MappingProxyType({})
    )


def _unread(record: ModuleRecord, names: tuple[str, ...]) -> ModuleRecord:
    """The record without these attributes, and with None for these children and tensors."""

    def emptied(parts: Iterable[tuple[str, _Part]]) -> tuple[tuple[str, _Part | None], ...]:
        return tuple((name, None if name in names else part) for name, part in parts)

    kept = {name: value for name, value in record.attributes.items() if name not in names}
    return replace(
        record,
        attributes=MappingProxyType(kept),
        children=emptied(record.children),
        parameters=emptied(record.parameters),
        buffers=emptied(record.buffers),
    )
