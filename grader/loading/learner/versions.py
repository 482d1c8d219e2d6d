"""The versions of fastai and other libraries that an export shows, by markers that they left."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from grader.loading.inert.functions import PYTHON_OF_CODE_PARTS, origin_of
from grader.loading.inert.nodes import CallNode, InertGraph
from grader.loading.learner.inspection import LibraryVersion, ModuleRecord
from grader.loading.learner.module_tree import every_module

TorchPeriod: TypeAlias = Literal["up to 1.2", "1.3 to 1.4", "1.5 or later"]
Generation: TypeAlias = Literal["2.0", "2.1 to 2.3", "2.4 to 2.5", "2.6 to 2.7", "2.8"]

_PYTHON_FOLDER = re.compile(r"/python(3\.\d{1,2})/|/Python(3)(\d{1,2})/")
# An attribute that torch's modules had up to 1.2.
_BACKEND = "_backend"
# Attributes that torch's modules have since some version, the latest first.
_TORCH_ATTRIBUTES = (
    ("_forward_hooks_always_called", "2.1 or later"),
    ("_backward_pre_hooks", "2.0"),
    ("_load_state_dict_post_hooks", "1.12 to 1.13"),
    ("_is_full_backward_hook", "1.8 to 1.11"),
    ("_non_persistent_buffers_set", "1.6 to 1.7"),
    (_BACKEND, "1.2 or earlier"),
)
# Attributes of a convolution since torch 1.5, of a module since 1.6.
_SINCE_1_5 = frozenset(("_reversed_padding_repeated_twice", "_non_persistent_buffers_set"))


@dataclass(frozen=True, slots=True)
class _NameMarker:
    prefix: str
    library: str
    version: str


_NAME_MARKERS = (
    _NameMarker("pathlib._local.", "Python", "3.13 or later"),
    _NameMarker("numpy._core.", "numpy", "2.0 or later"),
    _NameMarker("numpy.core.", "numpy", "1"),
    _NameMarker("PIL.Image.Resampling", "Pillow", "9.1 or later"),
)


def fastai2_generation(graph: InertGraph, attributes: frozenset[str]) -> Generation:
    """The fastai 2 versions that an export can come from, as a range.

    Args:
        graph: Everything that its pickle says.
        attributes: Names of the learner's attributes.
    """
    paths = {name.path for name in graph.globals}
    if any(path.startswith("fasttransform.") for path in paths):
        return "2.8"
    if attributes & {"default_cbs", "cast_to_tensor"}:
        return "2.6 to 2.7"
    if "fastai.torch_core._rebuild_from_type" in paths:
        return "2.4 to 2.5"
    return "2.0" if "init_args" in attributes else "2.1 to 2.3"


def library_versions(graph: InertGraph, model: ModuleRecord | None) -> tuple[LibraryVersion, ...]:
    """Every version that the export shows, sorted by library; some libraries show none."""
    paths = [name.path for name in graph.globals]
    found = [
        LibraryVersion(library=marker.library, version=marker.version, evidence=path)
        for marker in _NAME_MARKERS
        for path in [next((path for path in paths if path.startswith(marker.prefix)), None)]
        if path is not None
    ]
    first = {one.library: one for one in (*found, *_python(graph), *_torch(model))}
    return tuple(first[library] for library in sorted(first))


def torch_period(model: ModuleRecord) -> TorchPeriod:
    """Which torch made the modules of an export of fastai 1; of several the latest."""
    names = [module.node.attributes().keys() for module in every_module(model)]
    if any(_SINCE_1_5 & one for one in names):
        return "1.5 or later"
    return "up to 1.2" if all(_BACKEND in one for one in names) else "1.3 to 1.4"


def _torch(model: ModuleRecord | None) -> list[LibraryVersion]:
    """The torch version, by the attributes that torch gives every module."""
    names = {} if model is None else model.node.attributes()
    for attribute, version in _TORCH_ATTRIBUTES:
        if attribute in names:
            return [LibraryVersion(library="torch", version=version, evidence=attribute)]
    return []


def _python(graph: InertGraph) -> list[LibraryVersion]:
    """The Python version, by the folder or, less exactly, the form of code in the file."""
    found = []
    for call in graph.calls:
        origin = origin_of(call)
        match = _PYTHON_FOLDER.search(origin[0]) if origin else None
        if match:
            exact = match[1] or f"{match[2]}.{match[3]}"
            return [LibraryVersion(library="Python", version=exact, evidence=match[0])]
        version = PYTHON_OF_CODE_PARTS.get(len(call.args))
        if version is not None and isinstance(call.function, CallNode):
            found.append(LibraryVersion(library="Python", version=version, evidence="bytecode"))
    return found[:1]
