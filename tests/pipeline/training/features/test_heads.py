"""Linear heads fitted to features."""

import doctest
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.training.features import heads
from pipeline.training.features.feature_cache import Features
from pipeline.training.features.heads import LinearHead, fit_head, put_head
from tests.pipeline.training.learning import small_learner, small_settings


def drawn_features(*, n_rows: int = 60, n_classes: int = 3, seed: int = 1) -> Features:
    """Overlapping clouds of points in five dimensions."""
    centres = torch.randn(n_classes, 5, generator=torch.Generator().manual_seed(0))
    targets = torch.arange(n_rows) % n_classes
    noise = torch.randn(n_rows, 5, generator=torch.Generator().manual_seed(seed))
    return Features(values=3.0 + centres[targets] + noise, targets=targets)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_head_is_the_textbooks_discriminant(n_classes: int) -> None:
    """Computed with plain matrices; equal up to a temperature and what all classes share."""
    train, val = drawn_features(n_classes=n_classes), drawn_features(n_classes=n_classes, seed=2)
    head = fit_head(train, val, shrinkage=0.4)
    values, targets = train.values.double().numpy(), train.targets.numpy()
    means = np.stack([values[targets == one].mean(axis=0) for one in range(n_classes)])
    residuals = values - means[targets]
    covariance = residuals.T @ residuals / len(values)
    ball = np.trace(covariance) / 5 * np.eye(5)
    weight = np.linalg.solve(0.6 * covariance + 0.4 * ball, means.T).T
    bias = -0.5 * (weight * means).sum(axis=1)
    expected = torch.tensor(val.values.double().numpy() @ weight.T + bias)
    found = head.logits(val.values).double()
    expected -= expected.mean(dim=1, keepdim=True)
    found -= found.mean(dim=1, keepdim=True)
    ratio = float((found * expected).sum() / expected.square().sum())
    assert 0 < ratio <= 1 + 1e-4
    assert torch.allclose(found, ratio * expected, atol=1e-3)


def test_a_head_is_as_sure_as_it_is_right_on_val() -> None:
    """Dividing its outputs by more or by less makes the loss higher."""
    train, val = drawn_features(), drawn_features(seed=2)
    logits = fit_head(train, val, shrinkage=0.4).logits(val.values)
    losses = [
        float(
            torch.nn.functional.cross_entropy(logits / divisor, val.targets, label_smoothing=1 / 62)
        )
        for divisor in (0.8, 1.0, 1.25)
    ]
    assert losses[1] < min(losses[0], losses[2])


def test_a_head_put_into_a_learner_gives_its_logits(tmp_path: Path) -> None:
    """It is the last layer, and nothing else changes."""
    learner = small_learner(tmp_path, small_settings())
    last = learner.model[1][-1]
    weight = torch.arange(last.weight.numel(), dtype=torch.float32).reshape(last.weight.shape)
    head = LinearHead(weight=weight, bias=torch.tensor([1.0, 2.0]))
    put_head(learner, head)
    features = torch.ones(1, weight.shape[1])
    assert torch.allclose(last(features), head.logits(features))


def test_the_example_of_the_documentation_is_true() -> None:
    """It runs unchanged."""
    outcome = doctest.testmod(heads)
    assert outcome.attempted > 0
    assert outcome.failed == 0
