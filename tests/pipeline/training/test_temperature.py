"""Outputs divided by one number."""

from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from pipeline.training.temperature import best_temperature, fold_temperature
from tests.pipeline.training.learning import small_learner, small_settings


def test_outputs_that_are_twice_too_sure_are_halved() -> None:
    """Three of four right at odds of nine to one: the odds that suit are three to one."""
    logits = torch.tensor([[9.0, 1.0]] * 4).log()
    targets = torch.tensor([0, 0, 0, 1])
    assert best_temperature(logits, targets) == pytest.approx(2.0, abs=1e-2)


def test_no_temperature_leaves_the_bounds() -> None:
    """A few images that are all right don't make a network all sure."""
    logits = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert best_temperature(logits, torch.tensor([0, 1])) == pytest.approx(0.5, abs=1e-2)


def test_a_folded_temperature_lowers_the_loss_and_changes_no_answer(tmp_path: Path) -> None:
    """It stands in the last layer, so that an export needs nothing else."""
    learner = small_learner(tmp_path, small_settings())
    with learner.no_bar():
        before, targets = learner.get_preds(act=lambda logits: logits)
        temperature = fold_temperature(learner)
        after, _ = learner.get_preds(act=lambda logits: logits)
    assert torch.allclose(after * temperature, before, atol=1e-5)
    assert cross_entropy(after, targets) <= cross_entropy(before, targets) + 1e-6
