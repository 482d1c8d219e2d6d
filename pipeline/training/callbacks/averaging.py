"""Callbacks that steady a fit on few images: averaged weights, and normalisation left alone."""

from collections.abc import Mapping
from typing import Any

import torch
from fastai.callback.core import Callback
from torch.nn.modules.batchnorm import _BatchNorm

_AFTER_OPTIMISER = 65


class AveragedWeights(Callback):  # type: ignore[misc] # fastai has no types
    """Validates, and so saves, a moving average of the weights instead of the last ones.

    Attributes:
        average: The averaged weights of a running fit, by name; whole numbers are not averaged but
            the last ones.
    """

    order, run_valid = _AFTER_OPTIMISER, False

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self.average: dict[str, torch.Tensor] = {}
        self._last: dict[str, torch.Tensor] | None = None
        self.n_steps = 0

    def before_fit(self) -> None:
        """Start from the weights that the fit starts from."""
        self.average, self.n_steps, self._last = _copied(self.learn.model.state_dict()), 0, None

    def before_train(self) -> None:
        """Go on with the last weights."""
        if self._last is not None:
            self.learn.model.load_state_dict(self._last)
            self._last = None

    def after_step(self) -> None:
        """Move the average; it moves faster during the first steps."""
        self.n_steps += 1
        keep = min(self._keep, self.n_steps / (self.n_steps + 9))
        for name, tensor in self.learn.model.state_dict().items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor.detach(), 1 - keep)
            else:
                self.average[name].copy_(tensor)

    def before_validate(self) -> None:
        """Replace the last weights by the average, until training goes on."""
        self._last = _copied(self.learn.model.state_dict())
        self.learn.model.load_state_dict(self.average)

    def state(self) -> dict[str, Any]:
        """The state needed to go on after an epoch."""
        return {"average": self.average, "last": self._last, "n_steps": self.n_steps}

    def load_state(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Go on from where a state was taken."""
        self.average = _copied(state["average"], device)
        self._last = None if state["last"] is None else _copied(state["last"], device)
        self.n_steps = state["n_steps"]


class FrozenNorms(Callback):  # type: ignore[misc] # fastai has no types
    """Keeps the statistics that batch normalisation has, instead of those of small batches."""

    run_valid = False

    def before_train(self) -> None:
        """Leave the layers as they are in validation."""
        for module in self.learn.model[0].modules():
            if isinstance(module, _BatchNorm):
                module.eval()


def _copied(
    state: Mapping[str, torch.Tensor], device: torch.device | None = None
) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone().to(device) for name, tensor in state.items()}
