"""Linear heads fitted to features."""

from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from pipeline.training.feature_cache import Features
from pipeline.training.heads import LinearHead, fit_heads, put_head
from tests.pipeline.training.learning import small_learner, small_settings


def drawn_features(*, n_rows: int = 60) -> Features:
    """Three overlapping clouds of points in five dimensions."""
    generator = torch.Generator().manual_seed(1)
    targets = torch.arange(n_rows) % 3
    centres = torch.randn(3, 5, generator=generator)
    values = 3.0 + centres[targets] + torch.randn(n_rows, 5, generator=generator)
    return Features(values=values, targets=targets)


def test_a_head_is_the_one_that_scikit_learn_finds() -> None:
    """The same penalty on the same scaled features gives the same probabilities."""
    features = drawn_features()
    (head,) = fit_heads(features, n_classes=3, strongest=0.01, weakest=0.01, n_steps=1)
    values = features.values.numpy().astype(np.float64)
    scaled = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1).mean()
    oracle = LogisticRegression(C=1 / (0.01 * len(values)), tol=1e-8, max_iter=1000)
    expected = oracle.fit(scaled, features.targets.numpy()).predict_proba(scaled)
    found = head.logits(features.values).softmax(dim=1).numpy()
    assert np.abs(found - expected).max() < 1e-3


def test_penalties_grow_weaker_and_train_losses_lower() -> None:
    """Evenly spaced in their logarithms."""
    heads = list(fit_heads(drawn_features(), n_classes=3, strongest=1.0, weakest=0.01, n_steps=3))
    assert [round(head.penalty, 6) for head in heads] == [1.0, 0.1, 0.01]
    losses = [head.train_loss for head in heads]
    assert losses == sorted(losses, reverse=True)


def test_a_head_put_into_a_learner_gives_its_logits(tmp_path: Path) -> None:
    """It is the last layer, and nothing else changes."""
    learner = small_learner(tmp_path, small_settings())
    last = learner.model[1][-1]
    weight = torch.arange(last.weight.numel(), dtype=torch.float32).reshape(last.weight.shape)
    head = LinearHead(weight=weight, bias=torch.tensor([1.0, 2.0]), penalty=1.0, train_loss=0.0)
    put_head(learner, head)
    features = torch.ones(1, weight.shape[1])
    assert torch.allclose(last(features), head.logits(features))
