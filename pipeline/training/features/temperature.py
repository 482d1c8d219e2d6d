"""Outputs divided by one number, so that a network is as confident as it is accurate.

The number is folded into the last layer, which changes no answer (Guo et al. 2017, "On
calibration of modern neural networks").
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn.functional import cross_entropy


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The range of temperatures that are tried: numbers above 0."""

    least: float
    most: float


_TRAINED: Final = Bounds(least=0.5, most=2.0)


def best_temperature(logits: Tensor, targets: Tensor, bounds: Bounds = _TRAINED) -> float:
    """What to divide logits by for the lowest mean cross-entropy; by default near 1.

    One more image is counted as wrong than was seen (as in Platt 1999, "Probabilistic outputs for
    support vector machines"): a few images that are all correct don't make a network certain.

    Args:
        logits: Shape (n_images, n_classes), unnormalised.
        targets: Shape (n_images,): class indices.
        bounds: The smallest and largest temperature to try.

    Returns:
        A number within the bounds; above 1 if the logits are overconfident.
    """
    doubt = 1 / (len(targets) + 2)

    def loss(logarithm: float) -> float:
        divided = logits.double() / math.exp(logarithm)
        return float(cross_entropy(divided, targets, label_smoothing=doubt))

    limits = math.log(bounds.least), math.log(bounds.most)
    return math.exp(minimize_scalar(loss, bounds=limits, method="bounded").x)


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
        if last.bias is not None:
            last.bias /= temperature
    return temperature
