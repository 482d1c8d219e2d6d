"""Checks whether a model may be rebuilt: its classes, settings, children and hooks. Uses no torch.

`rebuilding/rebuild.py` makes only models that pass here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from grader.loading.allowlist.drift.updating import changed_classes
from grader.loading.allowlist.module_settings import place_of, settings_of
from grader.loading.allowlist.rows import Block, Library, Plain, Row
from grader.loading.allowlist.table import BLOCKS, LIBRARY_MODULES, LIBRARY_PREFIXES, TORCH
from grader.loading.inert.functions import bound_method_of
from grader.loading.inert.nodes import Node, TensorNode, path_of
from grader.loading.inert.objects import attributes_of, class_of
from grader.loading.learner.foreign_code import MODEL_PACKAGES
from grader.loading.learner.inspection import Finding, ModuleRecord
from grader.loading.learner.module_tree import children_first, every_module
from grader.loading.refusal import RefusedExportError
from hidden_test_spec.errors import MAX_LISTED, quote, quote_all

_BUILD_FROM = (
    "build the network of what torch, torchvision, timm and fastai have, as vision_learner and "
    "nn.Sequential do, and export again; code of an export is never run"
)

# The deepest image models in use run about 3,000.
MAX_RUNS = 20_000

_TORCH_HOMES = ("torch.nn.modules.", "torch.nn.parallel.")
_HOOK_WRAPPER = "torch.nn.modules.module._WrappedHook"
# Hooks that compute a weight from other parameters before each pass. Here it is computed once.
_WEIGHT_HOOKS = (
    "torch.nn.utils.spectral_norm.SpectralNorm",
    "torch.nn.utils.weight_norm.WeightNorm",
)
# Hooks that act only when a state dict is saved or loaded, which a grading never does.
_STATE_HOOKS = (
    "torch.nn.utils.spectral_norm.SpectralNormStateDictHook",
    "torch.nn.utils.spectral_norm.SpectralNormLoadStateDictPreHook",
)
# Functions of fastai 1 that return their argument.
_NOOPS = ("fastai.core.noop", "fastai.vision.models.xresnet.noop")
_PRE_HOOKS = "_forward_pre_hooks"
# Classes whose constructor chooses one of the class's own methods as its forward pass.
_FORWARD = "forward"
_FORWARDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"timm.models.fasternet.Partial_conv3": ("forward_slicing", "forward_split_cat")}
)
# The methods of every module. An attribute with such a name would be called in a method's place.
_METHODS = frozenset(
    (
        *("forward", "__call__", "_call_impl", "_wrapped_call_impl", "_slow_forward", "eval"),
        *("train", "to", "cpu", "cuda", "_apply", "apply", "modules", "named_modules"),
        *("children", "named_children", "parameters", "named_parameters", "buffers"),
        *("named_buffers", "state_dict", "load_state_dict", "requires_grad_", "float", "half"),
        *("forward_features", "forward_head", "extra_repr", "_get_name"),
    )
)


def module_findings(model: ModuleRecord) -> Iterator[Finding]:
    """All reasons against rebuilding a model, each kind once."""
    modules = every_module(model)
    yield from _foreign_classes(modules)
    yield from _too_many_runs(model)
    for check in (_check_shadows, _check_hooks, _check_parts):
        reasons: dict[str, Finding] = {}
        for module in modules:
            if row_of(module) is not None:
                _attempt(check, module, reasons)
        yield from list(reasons.values())[:MAX_LISTED]


def drift_findings(model: ModuleRecord) -> Iterator[Finding]:
    """A reason for every class that computes something else today, as no row can tell.

    Args:
        model: As it was read.
    """
    for reason, record in changed_classes(model).items():
        yield Finding(
            severity="refusal",
            what=f"a {record.class_path} may compute something else today: {reason}",
            where=place_of(record),
            advice="export again with another architecture",
        )


def row_of(module: ModuleRecord) -> Row | None:
    """The table's row for rebuilding a module; None if there is none."""
    if module.is_by_value:
        return None
    path = module.class_path
    if path in BLOCKS:
        return BLOCKS[path]
    home, _, name = path.rpartition(".")
    if home.startswith(_TORCH_HOMES) or home == "torch.nn":
        return TORCH.get(name)
    if home in LIBRARY_MODULES or path.startswith(LIBRARY_PREFIXES):
        return Library(home=home, name=name)
    return None


def weight_hooks_of(module: ModuleRecord) -> tuple[Node, ...]:
    """The hooks that compute a weight from other parameters, in order."""
    hooks = [_unwrapped(hook) for name, hook in module.hooks if name == _PRE_HOOKS]
    return tuple(hook for hook in hooks if _class_path(hook) in _WEIGHT_HOOKS)


def _attempt(
    check: Callable[[ModuleRecord], None], module: ModuleRecord, reasons: dict[str, Finding]
) -> None:
    try:
        check(module)
    except RefusedExportError as error:
        finding = Finding(
            severity="refusal", what=error.reason, where=error.part, advice=error.advice
        )
        reasons.setdefault(error.reason, finding)


def _foreign_classes(modules: Iterable[ModuleRecord]) -> Iterator[Finding]:
    foreign: dict[str, ModuleRecord] = {}
    for module in modules:
        if row_of(module) is None:
            foreign.setdefault(module.class_path, module)
    for class_path in sorted(foreign)[:MAX_LISTED]:
        home, _, name = class_path.rpartition(".")
        known = home.partition(".")[0] in MODEL_PACKAGES
        is_own = foreign[class_path].is_by_value or not known
        said = "defined in" if is_own else "which the grader doesn't rebuild, from"
        yield Finding(
            severity="refusal",
            what=f"the model uses the class {quote(name)} {said} {quote(home)}",
            where=place_of(foreign[class_path]),
            advice=_BUILD_FROM,
        )


def _too_many_runs(model: ModuleRecord) -> Iterator[Finding]:
    """A module that is used in many places is one record, and runs in each of them."""
    n_runs: dict[int, int] = {}
    for module in children_first(model):
        below = sum(n_runs[id(child)] for _, child in module.children if child is not None)
        n_runs[id(module)] = 1 + below
    if n_runs[id(model)] > MAX_RUNS:
        yield Finding(
            severity="refusal",
            what=f"the model runs more than {MAX_RUNS} layers for each image",
            where="model",
            advice="export an architecture of an ordinary size",
        )


def chosen_forward(module: ModuleRecord) -> str | None:
    """The method of its own class that a module's constructor chose as its forward pass."""
    method = bound_method_of(module.attributes.get(_FORWARD))
    if method is None or method.owner is not module.node:
        return None
    return method.name if method.name in _FORWARDS.get(module.class_path, ()) else None


def _check_shadows(module: ModuleRecord) -> None:
    shadowing = _METHODS & module.attributes.keys()
    if chosen_forward(module) is not None:
        shadowing -= {_FORWARD}
    if shadowing:
        raise RefusedExportError(
            what=f"methods of a module are replaced: {quote_all(shadowing)}",
            where=place_of(module),
        )


def _check_hooks(module: ModuleRecord) -> None:
    strange = {name for name, hook in module.hooks if not _is_hook_of_torch(name, hook)}
    if strange:
        raise RefusedExportError(
            what=f"the model has hooks: {quote_all(strange)}",
            where=place_of(module),
            advice="remove the hooks and export again",
        )


def _is_hook_of_torch(name: str, hook: Node) -> bool:
    path = _class_path(_unwrapped(hook))
    return path in _WEIGHT_HOOKS if name == _PRE_HOOKS else path in _STATE_HOOKS


def _unwrapped(hook: Node) -> Node:
    return attributes_of(hook).get("hook") if _class_path(hook) == _HOOK_WRAPPER else hook


def _class_path(node: Node) -> str | None:
    made = class_of(node)
    return None if made is None or made.is_by_value else made.path


def _check_parts(module: ModuleRecord) -> None:
    row = row_of(module)
    if isinstance(row, Plain):
        settings_of(module, row.settings)
    elif isinstance(row, Block):
        settings_of(module, row.settings)
        _check_names(module, row)
        _check_noops(module, row)
    for name, _ in (*module.children, *module.parameters, *module.buffers):
        if not name or "." in name:
            what = f"a part of the model has the name {quote(name)}"
            raise RefusedExportError(what=what, where=place_of(module))
    tensors = (*module.parameters, *module.buffers)
    strange = [name for name, node in tensors if not isinstance(node, TensorNode | None)]
    if strange:
        what = f"parts of the model that should be tensors aren't: {quote_all(strange)}"
        raise RefusedExportError(what=what, where=place_of(module))


def _check_noops(module: ModuleRecord, row: Block) -> None:
    children = {name for name, child in module.children if child is not None}
    for name in row.noops:
        if name not in children and path_of(module.attributes.get(name)) not in _NOOPS:
            raise RefusedExportError(
                what=f"a {module.class_path} has a {quote(name)} that the grader doesn't know",
                where=place_of(module),
            )


def _check_names(module: ModuleRecord, row: Block) -> None:
    children = {name for name, child in module.children if child is not None}
    parameters = {name for name, tensor in module.parameters if tensor is not None}
    lacking = {*row.children, *row.parameters} - children - parameters
    further = (children - {*row.children, *row.options}) | (parameters - {*row.parameters})
    if lacking or further:
        said = f"lacks {quote_all(lacking)}" if lacking else f"also has {quote_all(further)}"
        what = f"a {module.class_path} of the model {said}"
        raise RefusedExportError(what=what, where=place_of(module))
