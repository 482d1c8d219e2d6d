"""A torch module as a `Network`: always in eval mode, on one device at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True, eq=False)
class TorchNetwork:
    """A module that stays on the CPU in single precision, except inside the blocks below.

    Attributes:
        module: Batches of images in, logits out.
    """

    module: torch.nn.Module

    def logits(self, batch: torch.Tensor) -> object:
        """What the module returns for a batch, unchecked."""
        return self.module(batch)

    @contextmanager
    def on(self, device: torch.device) -> Iterator[None]:
        """Keep the module on a device, in eval mode."""
        put_in_eval_mode(self.module.to(device))
        try:
            yield
        finally:
            self.module.to("cpu")

    @contextmanager
    def in_float64(self, device: torch.device) -> Iterator["_InFloat64"]:
        """The module in double precision, on a device; then in single precision where it was."""
        before = next((one.device for one in self.module.parameters()), device)
        try:
            yield _InFloat64(self.module.to(device).double())
        finally:
            self.module.float().to(before)


class _InFloat64(TorchNetwork):
    """The same module on batches in double precision."""

    __slots__ = ()

    def logits(self, batch: torch.Tensor) -> object:
        """What the module returns for a batch, of which only the precision is changed."""
        return self.module(batch.double())


def put_in_eval_mode(root: torch.nn.Module) -> None:
    """Leave training mode in every module, as `eval()` does where no class overrides it.

    The network's own `eval`, `train` and `modules` are not called, so an override can't keep a
    module in training mode.
    """
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        module = waiting.pop()
        if id(module) not in seen:
            seen.add(id(module))
            vars(module)["training"] = False
            waiting += [one for one in vars(module)["_modules"].values() if one is not None]
