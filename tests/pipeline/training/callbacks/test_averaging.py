"""Averaged weights and normalisation left alone."""

from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.callback.core import Callback

from pipeline.training.callbacks.averaging import AveragedWeights, FrozenNorms
from tests.pipeline.training.learning import small_learner, small_settings


class Snapshots(Callback):  # type: ignore[misc] # fastai has no types
    """Keeps the head's weights after each step, and those that are validated."""

    order = 90

    def __init__(self) -> None:
        self.steps: list[torch.Tensor] = []
        self.validated: list[torch.Tensor] = []

    def after_step(self) -> None:
        """Keep those of training."""
        self.steps.append(self.learn.model[1][-1].weight.detach().clone())

    def before_validate(self) -> None:
        """Keep those of validation."""
        self.validated.append(self.learn.model[1][-1].weight.detach().clone())


@pytest.fixture
def learner(tmp_path: Path) -> Any:
    """Twelve images in batches of four: three steps an epoch."""
    return small_learner(tmp_path, small_settings())


def test_the_average_is_validated_and_training_goes_on_from_the_last_weights(learner: Any) -> None:
    """Worked by hand from the weights after each step."""
    start = learner.model[1][-1].weight.detach().clone()
    seen = Snapshots()
    with learner.no_bar(), learner.no_logging():
        learner.fit(2, cbs=[seen, AveragedWeights(0.9)])
    expected = start
    for number, weights in enumerate(seen.steps, start=1):
        keep = min(0.9, number / (number + 9))
        expected = keep * expected + (1 - keep) * weights
        if number % 3 == 0:
            assert torch.allclose(seen.validated[number // 3 - 1], expected, atol=1e-6)
    assert torch.equal(learner.model[1][-1].weight, seen.validated[-1])


def test_the_statistics_of_a_body_stay_those_of_its_weights(learner: Any) -> None:
    """The head is trained, the running means are not moved."""
    before = {name: tensor.clone() for name, tensor in learner.model.state_dict().items()}
    with learner.no_bar(), learner.no_logging():
        learner.fit(1, cbs=FrozenNorms())
    after = learner.model.state_dict()
    running = [name for name in before if "running_" in name]
    assert running
    assert all(torch.equal(before[name], after[name]) for name in running)
    assert not torch.equal(before["1.2.weight"], after["1.2.weight"])
