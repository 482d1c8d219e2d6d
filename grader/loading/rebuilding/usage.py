"""Which modules of a network run, and which of its numbers are read, while it answers.

An export brings modules and numbers of the version that it was made with. If the installed version
of a class leaves one of them aside, it computes something else, and no error shows it. So whatever
is left aside must be known to have no effect.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

from grader.errors import LIBRARY_ERRORS
from grader.loading.rebuilding.blocks import TimmBody

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
# Names of classes that do nothing in a grade, whether they run or not.
_IDLE = frozenset(("Identity", "DropPath", "DropBlock2d", "StochasticDepth", "PatchDropout"))
_DROPOUT = "Dropout"
# Batch norm counts its batches in training only.
_COUNTERS = frozenset(("num_batches_tracked",))
# Parts that today's classes of timm keep for other uses than an answer, by class and name: angles
# whose embedding is stored, and the way back to the image's order.
_SPARE = frozenset(
    (
        ("RotaryEmbedding", "bands"),
        ("RotaryEmbeddingCat", "bands"),
        ("GhostModuleV3", "gate_fn"),
        ("Hiera", "reroll"),
    )
)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used so far, by the `id` of modules and tensors."""

    _ran: set[int] = field(default_factory=set)
    _read: set[int] = field(default_factory=set)
    _bodies: dict[TimmBody, torch.Tensor] = field(default_factory=dict)

    def note_read(self, arguments: Iterable[Any]) -> None:
        """Take note of the tensors among the arguments of one operation."""
        for one in arguments:
            if isinstance(one, torch.Tensor):
                self._read.add(id(one))
            elif isinstance(one, (tuple, list)):
                self.note_read(one)

    @contextmanager
    def noting_runs(self) -> Iterator[None]:
        """Take note of every module that runs inside the block."""
        with ExitStack() as hooks:
            for handle in (
                register_module_forward_pre_hook(self._note_run),
                register_module_forward_hook(self._note_features),
            ):
                hooks.callback(handle.remove)
            yield

    def run_heads(self) -> None:
        """Run the heads of timm's models of which fastai takes the features only.

        What runs here is left aside rightly. A head that can't be run is not excused.
        """
        for body, features in self._bodies.items():
            model = body.model
            self._ran.add(id(model))
            with suppress(*LIBRARY_ERRORS):
                model.forward_head(features)  # type: ignore[operator] # timm's models have it

    def unused(self, network: nn.Module) -> tuple[str, ...]:
        """The names of modules that didn't run, and of tensors that nothing read, in order.

        Left out are modules without effect in a grade, and containers, whose children count.
        """
        return tuple(self._unused(network))

    def _note_run(self, module: nn.Module, _inputs: Any) -> None:
        self._ran.add(id(module))

    def _note_features(self, module: nn.Module, _inputs: Any, features: Any) -> None:
        if isinstance(module, TimmBody) and module.needs_pool:
            self._bodies[module] = features

    def _unused(self, network: nn.Module) -> Iterator[str]:
        excused = {id(one) for module in network.modules() for one in _excused_parts(module)}
        for path, module in network.named_modules():
            tensors = {
                name: tensor
                for store in (module._parameters, module._buffers)  # noqa: SLF001 - the public iterators leave out what is shared
                for name, tensor in store.items()
                if tensor is not None and name not in _COUNTERS
            }
            unread = [
                name
                for name, tensor in tensors.items()
                if id(tensor) not in self._read and (type(module).__name__, name) not in _SPARE
            ]
            yield from (f"{path}.{name}" if path else name for name in unread)
            if not (tensors or id(module) in self._ran | excused or _does_nothing(module)):
                yield path


def _excused_parts(module: nn.Module) -> Iterator[nn.Module]:
    """Spare parts, and the softmax of an attention that torch's own, which has one, stands for."""
    for name, child in module.named_children():
        is_fused = getattr(module, "fused_attn", False) and isinstance(child, nn.Softmax)
        if is_fused or (type(module).__name__, name) in _SPARE:
            yield child


def _does_nothing(module: nn.Module) -> bool:
    """Whether a module that didn't run changes nothing, or only holds others."""
    name = type(module).__name__
    return isinstance(module, _CONTAINERS) or name in _IDLE or _DROPOUT in name
