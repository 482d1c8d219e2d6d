"""Outputs divided by one number, so that a network is as sure of itself as it is right.

The number is folded into the last layer, which changes no answer (Guo et al. 2017, "On
calibration of modern neural networks").
"""

from typing import Any, Final

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn.functional import cross_entropy

LEAST: Final = 0.5
MOST: Final = 2.0


def best_temperature(logits: Tensor, targets: Tensor) -> float:
    """What to divide logits by for the lowest mean cross-entropy, between `LEAST` and `MOST`."""

    def loss(temperature: float) -> float:
        return float(cross_entropy(logits.double() / temperature, targets))

    return float(minimize_scalar(loss, bounds=(LEAST, MOST), method="bounded").x)


def fold_temperature(learner: Any) -> float:
    """Divide a learner's last layer by the temperature that suits its val images.

    Returns:
        The temperature.
    """
    with learner.no_bar():
        logits, targets = learner.get_preds(act=lambda outputs: outputs)
    temperature = best_temperature(logits.as_subclass(Tensor), targets.as_subclass(Tensor))
    last = learner.model[1][-1]
    with torch.no_grad():
        last.weight /= temperature
        last.bias /= temperature
    return temperature
