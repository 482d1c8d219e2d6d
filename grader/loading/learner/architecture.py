"""The name of a model's architecture, as far as the export shows it."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from grader.loading.inert.nodes import GlobalNode, Node
from grader.loading.inert.objects import named_pairs_of
from grader.loading.learner.inspection import ModuleRecord
from grader.loading.learner.module_tree import every_module

_MAX_NAME_CHARACTERS = 200
_CONFIGURATIONS = ("pretrained_cfg", "default_cfg")
_FAMILY = re.compile(r"(?:torchvision\.models|timm\.models|fastai\.vision\.models)\.(?:\w+\.)*")
_RESNET_BLOCKS = re.compile(r"torchvision\.models\.resnet\.(BasicBlock|Bottleneck)")
_RESNETS: Mapping[tuple[str, tuple[int, ...]], str] = MappingProxyType(
    {
        ("BasicBlock", (2, 2, 2, 2)): "resnet18",
        ("BasicBlock", (3, 4, 6, 3)): "resnet34",
        ("Bottleneck", (3, 4, 6, 3)): "resnet50",
        ("Bottleneck", (3, 4, 23, 3)): "resnet101",
        ("Bottleneck", (3, 8, 36, 3)): "resnet152",
    }
)


def architecture_of(model: ModuleRecord, attributes: Mapping[str, Node]) -> str | None:
    """The architecture's name.

    Args:
        model: The module tree.
        attributes: The learner's own attributes.

    Returns:
        What the learner or timm's configuration calls it, else a name inferred from the modules:
        exact for a residual network, the family for others; None for a model of plain layers.
    """
    named = attributes.get("arch")
    if isinstance(named, (str, GlobalNode)):
        return (named if isinstance(named, str) else named.name)[:_MAX_NAME_CHARACTERS]
    modules = every_module(model)
    return configured_root(model)[1] or _residual_network(modules) or _family(modules)


def configured_root(model: ModuleRecord) -> tuple[ModuleRecord | None, str | None]:
    """The first module that carries timm's configuration, and the name given there."""
    seen: set[int] = set()
    for module in every_module(model):
        for attribute in _CONFIGURATIONS:
            configuration = module.attributes.get(attribute)
            if configuration is None or id(configuration) in seen:
                continue
            seen.add(id(configuration))
            name = named_pairs_of(configuration).get("architecture")
            if isinstance(name, str):
                return module, name[:_MAX_NAME_CHARACTERS]
    return None, None


def _residual_network(modules: tuple[ModuleRecord, ...]) -> str | None:
    stages = {id(module): _blocks(module) for module in modules}
    for module in modules:
        found = [stages[id(child)] for _, child in module.children if child is not None]
        kinds = {kind for kind, depth in found if depth}
        depths = tuple(depth for _, depth in found if depth)
        for kind in kinds if len(kinds) == 1 else ():
            if (kind, depths) in _RESNETS:
                return _RESNETS[kind, depths]
    return None


def _blocks(module: ModuleRecord) -> tuple[str, int]:
    """The kind of torchvision's residual blocks that a module is made of, and their count."""
    matches = [_RESNET_BLOCKS.fullmatch(child.class_path) for _, child in module.children if child]
    kinds = {match[1] if match else "" for match in matches}
    return (kinds.pop(), len(matches)) if len(kinds) == 1 and "" not in kinds else ("", 0)


def _family(modules: tuple[ModuleRecord, ...]) -> str | None:
    for module in modules:
        match = _FAMILY.match(module.class_path)
        if match:
            return match[0].rstrip(".").rpartition(".")[2]
    return None
