"""Outputs divided by one number."""

import math
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from pipeline.training.features.temperature import Bounds, best_temperature, fold_temperature
from tests.pipeline.training.learning import small_learner, small_settings


def test_outputs_that_are_twice_too_sure_are_halved() -> None:
    """With three of four correct at odds of nine to one, the right odds are three to one."""
    logits = torch.tensor([[9.0, 1.0]] * 4000).log()
    targets = torch.tensor([0, 0, 0, 1] * 1000)
    assert best_temperature(logits, targets, Bounds(least=0.5, most=3.0)) == pytest.approx(
        2.0, abs=1e-2
    )


def test_a_few_images_that_are_all_right_make_no_network_all_sure() -> None:
    """Two of two right: odds of seven to one, for a doubt of a quarter spread over both classes."""
    logits = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    temperature = best_temperature(logits, torch.tensor([0, 1]), Bounds(least=0.1, most=9.0))
    assert math.exp(1 / temperature) == pytest.approx(7.0, rel=1e-2)


def test_no_temperature_leaves_the_bounds() -> None:
    """By default it is near 1."""
    logits = torch.tensor([[0.1, 0.0], [0.0, 0.1]])
    assert best_temperature(logits, torch.tensor([0, 1])) == pytest.approx(0.5, abs=1e-2)


@pytest.mark.parametrize("recipe", ["best", "document"])
def test_a_folded_temperature_lowers_the_loss_and_changes_no_answer(
    tmp_path: Path, recipe: str
) -> None:
    """It is in the last layer, which has no bias in a head of fastai's."""
    learner = small_learner(tmp_path, small_settings(recipe))
    with learner.no_bar():
        before, targets = learner.get_preds(act=lambda logits: logits)
        temperature = fold_temperature(learner)
        after, _ = learner.get_preds(act=lambda logits: logits)
    assert torch.allclose(after * temperature, before, atol=1e-5)
    assert cross_entropy(after, targets) <= cross_entropy(before, targets) + 1e-6
