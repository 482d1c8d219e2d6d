"""Makes modules of torchvision and timm from their own classes, as installed here.

An object of the class is made without calling its constructor, and given the export's children,
tensors and plain attributes. An attribute with the name of a method of the class is refused.
Anything that is neither plain nor a tensor is left out without a replacement: if the forward pass
needs it, the model is refused.
"""

import importlib
import inspect
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from types import MappingProxyType, ModuleType

import torch
from torch import nn

from grader.errors import LIBRARY_ERRORS
from grader.loading.allowlist.drift.moved import ENUMERATIONS
from grader.loading.allowlist.module_checks import chosen_forward
from grader.loading.allowlist.module_settings import place_of
from grader.loading.allowlist.rows import Library
from grader.loading.inert.nodes import CallNode, Node, path_of
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.learner.inspection import ModuleRecord
from grader.loading.refusal import RefusedExportError
from hidden_test_spec.errors import quote, quote_all

_NOT_TAKEN = ("training", "_is_full_backward_hook", "_non_persistent_buffers_set")
_MAX_EDGES = 10_000
_IMPORTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"torchvision": ("torchvision.models",), "timm": ("timm.layers", "timm.models")}
)
# Where to look for a class that has left its old home.
_FALLBACKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"torchvision": ("torchvision.ops",), "timm": ("timm.layers",)}
)


def library_module(
    record: ModuleRecord,
    row: Library,
    *,
    children: Mapping[str, nn.Module],
    tensors: Mapping[str, torch.Tensor],
) -> nn.Module:
    """One module of an installed package, which is imported when its first class is met.

    Args:
        record: How the export describes it, brought up to date.
        row: Its class.
        children: Its children, made.
        tensors: Its parameters and buffers by name, of the shapes that the export gives.

    Raises:
        RefusedExportError: If the package has no such class, a part takes the place of a method, or
            the export has something that the class doesn't know.
    """
    made = _class_of(row, record)
    module: nn.Module = made.__new__(made)
    nn.Module.__init__(module)
    attributes, left_out = _attributes(record)
    forward = chosen_forward(record)
    _check_shadows(made, {*attributes, *left_out} - ({"forward"} if forward else set()), record)
    module.__dict__.update(attributes)
    if forward:
        module.__dict__["forward"] = getattr(module, forward)
    for name, node in record.parameters:
        parameter = None if node is None else nn.Parameter(tensors[name])
        module.register_parameter(name, parameter)
    for name, _ in record.buffers:
        module.register_buffer(name, tensors.get(name))
    for name, _ in record.children:
        module.register_module(name, children.get(name))
    return module


def _class_of(row: Library, record: ModuleRecord) -> type[nn.Module]:
    """The class of a row. The table, not the file, decides which packages are imported."""
    package = row.home.partition(".")[0]
    for name in _IMPORTED[package]:
        importlib.import_module(name)
    homes = [sys.modules.get(row.home), *(sys.modules[name] for name in _FALLBACKS[package])]
    found = [vars(home).get(row.name) for home in homes if isinstance(home, ModuleType)]
    for made in found:
        if not inspect.isclass(made) or not issubclass(made, nn.Module):
            continue
        if made.__module__.partition(".")[0] == package:
            return made
    what = f"the model uses the class {quote(row.name)} of {quote(row.home)}, which the installed "
    raise RefusedExportError(
        what=f"{what}{package} {version(package)} doesn't have",
        where=place_of(record),
        advice=f"export again with a current {package}, or ask for a grader with an older one",
    )


def _attributes(record: ModuleRecord) -> tuple[dict[str, object], tuple[str, ...]]:
    """The attributes that are plain values or members of a known enumeration; names of the rest."""
    values: dict[str, object] = {}
    left_out = []
    for name, node in record.attributes.items():
        if name in _NOT_TAKEN:
            continue
        try:
            values[name] = _value(node)
        except NotPlainError:
            left_out.append(name)
    return values, tuple(left_out)


def _value(node: Node) -> object:
    if isinstance(node, CallNode) and path_of(node.function) in ENUMERATIONS:
        home, _, name = (path_of(node.function) or "").rpartition(".")
        try:
            return getattr(sys.modules[home], name)(*plain_value(node.args, max_edges=_MAX_EDGES))
        except LIBRARY_ERRORS as error:
            raise NotPlainError(f"not a member of {name}") from error
    return plain_value(node, max_edges=_MAX_EDGES)


def _check_shadows(made: type[nn.Module], attributes: Iterable[str], record: ModuleRecord) -> None:
    """An attribute must not take the place of a method or property of the class.

    This includes attributes that are left out: the class's own would act in their place.
    """
    shadowing = [
        name
        for name in attributes
        if name.startswith("__") or _is_code(inspect.getattr_static(made, name, None))
    ]
    if shadowing:
        raise RefusedExportError(
            what=f"methods of a {record.class_path} are replaced: {quote_all(shadowing)}",
            where=place_of(record),
        )


def _is_code(member: object) -> bool:
    return callable(member) or hasattr(type(member), "__get__")
