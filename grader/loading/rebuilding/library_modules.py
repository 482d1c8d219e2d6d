"""Makes modules of torchvision and timm from their own classes, as installed here.

An object of the class is made without calling its constructor, and given the export's children,
tensors and plain attributes. An attribute with the name of a method of the class is refused.
Anything that is neither plain nor a tensor is left out without a replacement: if the forward pass
needs it, the model is refused.
"""

import importlib
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import version
from types import MappingProxyType, ModuleType

import torch
from torch import nn

from grader.errors import LIBRARY_ERRORS
from grader.loading.allowlist.drift import DRIFT, ENUMERATIONS
from grader.loading.allowlist.module_settings import place_of
from grader.loading.allowlist.rows import Library
from grader.loading.inert.nodes import CallNode, Node, path_of
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.learner.architecture import configured_root
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
_PLAIN = (bool, int, float, str, tuple, list, dict, type(None))


class LibraryModules:
    """Makes modules of installed packages; a package is imported when its first class is met."""

    def __init__(self, model: ModuleRecord) -> None:
        """Keep what the model says about itself.

        Args:
            model: The root of the module tree.
        """
        self._model = model

    def make(
        self,
        record: ModuleRecord,
        row: Library,
        *,
        children: Mapping[str, nn.Module],
        tensors: Mapping[str, torch.Tensor],
    ) -> nn.Module:
        """One module.

        Args:
            record: How the export describes it.
            row: Its class.
            children: Its children, made.
            tensors: Its parameters and buffers by name, of the shapes that the export gives.

        Raises:
            RefusedExportError: If the package has no such class, or a part takes the place of a
                method.
        """
        made = _class_of(row, record)
        module: nn.Module = made.__new__(made)
        nn.Module.__init__(module)
        reference = self._references.get(record.path) if row.home.startswith("timm.") else None
        attributes, left_out = _attributes(record)
        for name, value in _drift(row, reference).items():
            if name not in left_out:
                attributes.setdefault(name, value)
        _check_shadows(made, (*attributes, *left_out), record)
        module.__dict__.update(attributes)
        for name, node in record.parameters:
            parameter = None if node is None else nn.Parameter(tensors[name])
            module.register_parameter(name, parameter)
        for name, _ in record.buffers:
            module.register_buffer(name, tensors.get(name))
        for name, _ in record.children:
            module.register_module(name, children.get(name))
        for name, child in _new_children(module, reference):
            module.register_module(name, child)
        return module

    @cached_property
    def _references(self) -> dict[str, nn.Module]:
        """The modules of timm's own model with the same name, by their path in the export.

        They take no memory. They supply today's attributes that an older timm lacked.
        """
        root, name = configured_root(self._model)
        timm = importlib.import_module("timm")
        if root is None or not timm.is_model(name):
            return {}
        try:
            with torch.device("meta"):
                model = timm.create_model(name, pretrained=False)
        except (RuntimeError, NotImplementedError, ValueError):
            return {}  # Its constructor computes with its numbers, so it needs memory.
        prefix = f"{root.path}." if root.path else ""
        return {f"{prefix}{path}".rstrip("."): module for path, module in model.named_modules()}


def _drift(row: Library, reference: nn.Module | None) -> dict[str, object]:
    """Attributes that the class expects today; those of the export take precedence."""
    path = f"{row.home}.{row.name}"
    known = {drift.name: drift.value for drift in DRIFT if drift.class_path == path}
    return known if reference is None else {**_plain_attributes(reference), **known}


def _new_children(
    module: nn.Module, reference: nn.Module | None
) -> Iterator[tuple[str, nn.Module | None]]:
    """Children without numbers that the same module has today, such as an Identity or None."""
    for name, child in () if reference is None else reference._modules.items():  # noqa: SLF001 - named_children leaves out those that are None
        if not hasattr(module, name) and (child is None or not child.state_dict()):
            yield name, child


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


def _plain_attributes(module: nn.Module) -> dict[str, object]:
    values = vars(module).items()
    return {
        name: value
        for name, value in values
        if not name.startswith("_") and name not in _NOT_TAKEN and isinstance(value, _PLAIN)
    }


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
