"""A linear head fitted to features: penalised multinomial regression, solved to its optimum."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from pipeline.training.feature_cache import Features

_MOST_STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearHead:
    """Weights of shape (n_classes, n_features), a bias, and the penalty they were fitted with."""

    weight: Tensor
    bias: Tensor
    penalty: float
    train_loss: float

    def logits(self, features: Tensor) -> Tensor:
        """One row of logits for each row of features."""
        return features @ self.weight.T + self.bias


def fit_heads(
    features: Features, *, n_classes: int, strongest: float, weakest: float, n_steps: int
) -> Iterator[LinearHead]:
    """Heads of ever weaker penalties, each fitted from where the one before it ended.

    The penalty is half of it times the sum of the squared weights, for features that are centred
    and divided by their mean standard deviation, beside the mean cross-entropy.

    Args:
        features: Of train.
        n_classes: The number of classes.
        strongest: The penalty of the first head.
        weakest: The penalty of the last head.
        n_steps: How many heads; the penalties between are evenly spaced in their logarithms.
    """
    centre = features.values.mean(dim=0)
    scale = features.values.std(dim=0).mean()
    scaled = (features.values - centre) / scale
    weight = torch.zeros(n_classes, scaled.shape[1], requires_grad=True)
    bias = torch.zeros(n_classes, requires_grad=True)
    for penalty in np.geomspace(strongest, weakest, n_steps).tolist():
        loss = _fit(scaled, features.targets, weight, bias, penalty)
        plain = weight.detach() / scale
        yield LinearHead(
            weight=plain,
            bias=bias.detach() - plain @ centre,
            penalty=penalty,
            train_loss=loss,
        )


def put_head(learner: Any, head: LinearHead) -> None:
    """Make a head the last layer of a learner's model."""
    last = learner.model[1][-1]
    with torch.no_grad():
        last.weight.copy_(head.weight)
        last.bias.copy_(head.bias)


def _fit(values: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, penalty: float) -> float:
    """Fit the weights in place, and return the cross-entropy they end with."""
    solver = torch.optim.LBFGS(
        [weight, bias], max_iter=_MOST_STEPS, history_size=8, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        solver.zero_grad()
        loss = cross_entropy(values @ weight.T + bias, targets)
        loss = loss + penalty / 2 * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        return float(cross_entropy(values @ weight.T + bias, targets))
