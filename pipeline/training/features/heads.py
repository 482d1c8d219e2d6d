"""A linear head for features, by linear discriminant analysis with a shrunk covariance.

It assumes that each class is a cloud of the same shape, which even few images determine well enough
if the shape is shrunk towards a ball (Friedman 1989, "Regularized discriminant analysis"). Its
outputs are far too confident, so they are divided by the temperature that suits the images of val.
On few photos with some wrong labels it measured better than a regression (see docs/experiments.md).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch import Tensor

from pipeline.training.features.feature_cache import Features
from pipeline.training.features.temperature import Bounds, best_temperature

# Divided by less than 1, outputs would be more confident than the analysis itself.
_TEMPERATURES = Bounds(least=1.0, most=1000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearHead:
    """The last layer of a network, float32.

    Attributes:
        weight: Shape (n_classes, n_features), classes in vocab order.
        bias: Shape (n_classes,).
    """

    weight: Tensor
    bias: Tensor

    def logits(self, features: Tensor) -> Tensor:
        """Logits of shape (n_views, n_classes) for features of shape (n_views, n_features).

        Example:
            >>> head = LinearHead(weight=torch.eye(2), bias=torch.tensor([0.0, 1.0]))
            >>> head.logits(torch.tensor([[2.0, 3.0]])).tolist()
            [[2.0, 4.0]]
        """
        return features @ self.weight.T + self.bias


def fit_head(train: Features, val: Features, *, shrinkage: float) -> LinearHead:
    """The head of one shrinkage, with the temperature that suits val.

    Args:
        train: Features that the clouds are fitted to; each class, from index 0 on, has some.
        val: Features that the temperature is chosen by.
        shrinkage: From 0, where the shape is that of train, to 1, where it is a ball.
    """
    analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
    analysis.fit(train.values.double().numpy(), train.targets.numpy())
    weight, bias = _a_row_for_each_class(analysis)
    raw = LinearHead(weight=weight, bias=bias)
    temperature = best_temperature(raw.logits(val.values), val.targets, _TEMPERATURES)
    return LinearHead(weight=weight / temperature, bias=bias / temperature)


def put_head(learner: Any, head: LinearHead) -> None:
    """Copy a head into the last layer of a learner's model, a linear one of the same shape."""
    last = learner.model[1][-1]
    with torch.no_grad():
        last.weight.copy_(head.weight)
        last.bias.copy_(head.bias)


def _a_row_for_each_class(analysis: Any) -> tuple[Tensor, Tensor]:
    """Weights and biases; for two classes scikit-learn keeps only the difference."""
    weight, bias = analysis.coef_, analysis.intercept_
    if len(weight) == 1:
        weight, bias = np.vstack([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return torch.tensor(weight, dtype=torch.float32), torch.tensor(bias, dtype=torch.float32)
