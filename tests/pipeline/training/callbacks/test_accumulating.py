"""Steps that several batches share."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from fastai.callback.core import Callback

from pipeline.training.callbacks.accumulating import SharedSteps
from tests.pipeline.training.learning import small_learner, small_settings


class Steps(Callback):  # type: ignore[misc] # fastai has no types
    """Notes after which batches of an epoch a step was made."""

    order = 90

    def __init__(self) -> None:
        self.after: list[int] = []

    def after_step(self) -> None:
        """Note it."""
        self.after.append(self.learn.iter)


@pytest.mark.parametrize(
    ("n_batches", "after"), [(2, [1, 2, 1, 2]), (3, [2, 2]), (50, [2, 2]), (1, [0, 1, 2, 0, 1, 2])]
)
def test_an_epoch_ends_with_a_step(tmp_path: Path, n_batches: int, after: list[int]) -> None:
    """Three batches always end with a step, however many should share one."""
    learner, steps = small_learner(tmp_path, small_settings("document")), Steps()
    with learner.no_bar(), learner.no_logging():
        learner.fit(2, 1e-3, cbs=[steps, SharedSteps(n_batches)])
    assert steps.after == after


@pytest.mark.parametrize(
    ("n_batches", "n_iter", "shares"), [(2, 5, [2, 2, 2, 2, 1]), (9, 3, [3, 3, 3])]
)
def test_a_step_is_the_mean_of_its_batches(n_batches: int, n_iter: int, shares: list[int]) -> None:
    """This also holds for the last step of an epoch, though fewer batches share it."""
    sharing, losses = SharedSteps(n_batches), []
    for number in range(n_iter):
        sharing.learn = SimpleNamespace(iter=number, n_iter=n_iter, loss_grad=1.0)
        sharing.after_loss()
        losses.append(sharing.learn.loss_grad)
    assert losses == [1 / share for share in shares]
