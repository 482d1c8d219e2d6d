"""Trials of learning rates."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.splitting.dataset import read_dataset
from pipeline.training.learners import build_learner
from pipeline.training.rate_trial import RateTrial, find_rates, suggest
from pipeline.training.settings import Device, TrainingSettings
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import BodyWeights
from tests.pipeline.drawing import draw_dataset, silent

# fastai uses the old name of a numpy module when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:.*numpy.core:DeprecationWarning")


@pytest.fixture
def learner(tmp_path: Path) -> Any:
    """A small learner, ready for the first stage."""
    return build_learner(
        read_dataset(draw_dataset(tmp_path / "dataset"), silent),
        TrainingSettings(image_size_px=32, device=Device.CPU, batch_size=4),
        find_architecture("test_resnet"),
        BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None),
        tmp_path / "out",
    )


def test_a_trial_has_rising_rates_and_suggests_some_of_them(learner: Any) -> None:
    """Four suggestions of fastai's, lowest first, each within the rates that were tried."""
    trial = find_rates(learner, n_batches=40, report=silent)
    assert len(trial.rates) == len(trial.losses) > 15
    assert all(low < high for low, high in pairwise(trial.rates))
    assert all(math.isfinite(loss) for loss in trial.losses)
    assert {name for name, _ in trial.suggestions} == {"valley", "slide", "minimum", "steep"}
    suggested = [rate for _, rate in trial.suggestions]
    assert suggested == sorted(suggested)
    # fastai's "minimum" is a tenth of the rate with the lowest loss.
    assert trial.rates[0] / 10 <= suggested[0] <= suggested[-1] <= trial.rates[-1]


@pytest.mark.parametrize(("n_losses", "n_suggestions"), [(23, 0), (24, 4)])
def test_from_24_losses_on_there_are_suggestions(n_losses: int, n_suggestions: int) -> None:
    """The command line requires that many."""
    rates = [1e-7 * 2.0**number for number in range(n_losses)]
    losses = [1.0 + (number - 15) ** 2 / 100 for number in range(n_losses)]
    assert len(suggest(rates, losses)) == n_suggestions


def test_a_trial_leaves_the_weights_as_they_were(learner: Any) -> None:
    """What it learned is undone."""
    before = {name: tensor.clone() for name, tensor in learner.model.state_dict().items()}
    find_rates(learner, n_batches=20, report=silent)
    after = learner.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_loss_that_explodes_at_once_suggests_nothing(learner: Any) -> None:
    """No suggestion is better than one based on too few points."""

    class Exploding(torch.nn.Module):
        def forward(self, logits: torch.Tensor, _targets: torch.Tensor) -> torch.Tensor:
            return logits.sum() * float("nan")

    learner.loss_func = Exploding()
    trial = find_rates(learner, n_batches=20, report=silent)
    assert trial == RateTrial(rates=(), losses=(), suggestions=())
