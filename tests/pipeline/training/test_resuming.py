"""Interrupted runs that go on, to exactly the weights of a run that was not interrupted."""

from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.callback.core import Callback

from hidden_test_spec.sidecar import Epoch
from pipeline.errors import BadInputError
from pipeline.training.recipes import Recipe, read_recipe
from pipeline.training.resuming import FILE_NAME, read_checkpoint
from pipeline.training.settings import TrainingSettings
from pipeline.training.stages import Resumption, fine_tune, train_first_stage
from tests.pipeline.drawing import silent
from tests.pipeline.training.learning import changed, small_learner, small_settings

# fastai uses the old name of a numpy module when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")

RECORD = {"seed": 3}
STOPPING = {"kind": "scheduled", "patience": 1, "min_delta": 0.0, "factor": 3.0}


class Interruption(Callback):  # type: ignore[misc] # fastai has no types
    """Ctrl-C in the middle of an epoch of the nth fit."""

    def __init__(self, *, fit: int, epoch: int) -> None:
        self._fit, self._epoch = fit, epoch

    def before_fit(self) -> None:
        """Count the fits."""
        self._fit -= 1

    def before_batch(self) -> None:
        """Interrupt, if it is time."""
        if self.training and self._fit < 0 and self.learn.epoch == self._epoch:
            raise KeyboardInterrupt


def train_both(
    learner: Any, settings: TrainingSettings, resumption: Resumption
) -> tuple[Epoch, ...]:
    """Both stages, or what is left of them."""
    first = resumption.first_history or train_first_stage(learner, settings, silent, resumption)
    earlier = Resumption(record=RECORD, checkpoint=resumption.checkpoint, earlier=first)
    return (*first, *fine_tune(learner, settings, silent, earlier))


def values_of(history: tuple[Epoch, ...]) -> list[Epoch]:
    """A history without its times."""
    return [epoch.model_copy(update={"seconds": 0.0}) for epoch in history]


@pytest.mark.parametrize(
    ("recipe", "fit", "epoch"),
    [
        (read_recipe("document"), 0, 0),
        (read_recipe("document"), 0, 2),
        (read_recipe("document"), 1, 0),
        (read_recipe("document"), 2, 2),
        (read_recipe("best"), 0, 0),
        (read_recipe("best"), 0, 2),
        (changed("best", "fine_tuning", n_frozen_epochs=2, trackers=STOPPING), 1, 1),
    ],
)
def test_a_run_that_goes_on_ends_as_one_that_was_not_interrupted(
    tmp_path: Path, recipe: Recipe, fit: int, epoch: int
) -> None:
    """Interrupted in any fit of either stage: the same history, the same weights."""
    settings = small_settings(recipe)
    whole = small_learner(tmp_path, settings, name="whole")
    expected = train_both(whole, settings, Resumption(record=RECORD))
    broken = small_learner(tmp_path, settings, name="broken")
    broken.add_cb(Interruption(fit=fit, epoch=epoch))
    with pytest.raises(KeyboardInterrupt):
        train_both(broken, settings, Resumption(record=RECORD))
    again = small_learner(tmp_path, settings, name="broken")
    checkpoint = read_checkpoint(again.path, RECORD)
    found = train_both(again, settings, Resumption(record=RECORD, checkpoint=checkpoint))
    assert values_of(found) == values_of(expected)
    ours, theirs = again.model.state_dict(), whole.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_run_that_is_done_is_not_trained_again(tmp_path: Path) -> None:
    """Its last checkpoint holds the final weights."""
    settings = small_settings("best")
    learner = small_learner(tmp_path, settings)
    expected = train_both(learner, settings, Resumption(record=RECORD))
    again = small_learner(tmp_path, settings)
    again.add_cb(Interruption(fit=0, epoch=0))
    checkpoint = read_checkpoint(again.path, RECORD)
    assert train_both(again, settings, Resumption(record=RECORD, checkpoint=checkpoint)) == expected
    weights = learner.model.state_dict()
    assert all(torch.equal(weights[name], one) for name, one in again.model.state_dict().items())


def test_where_no_epoch_was_finished_there_is_no_checkpoint(tmp_path: Path) -> None:
    """The run starts again."""
    assert read_checkpoint(tmp_path, RECORD) is None


def test_a_run_with_other_settings_does_not_go_on(tmp_path: Path) -> None:
    """What differs is named."""
    settings = small_settings("document", n_epochs=1)
    learner = small_learner(tmp_path, settings)
    train_first_stage(learner, settings, silent, Resumption(record=RECORD))
    record = RECORD | {"n_fine_tune_epochs": 4}
    with pytest.raises(BadInputError, match=r"begun with --seed 3, no --fine-tune-epochs\n"):
        read_checkpoint(learner.path, record | {"seed": 4})


@pytest.mark.parametrize("values", [{"record": RECORD}, {"weights": 1}, [1, 2]])
def test_a_file_of_another_shape_is_no_checkpoint(tmp_path: Path, values: Any) -> None:
    """Even if it can be read."""
    (tmp_path / "models").mkdir()
    torch.save(values, tmp_path / FILE_NAME)
    with pytest.raises(BadInputError, match=r"resume\.pth is not the saved state of a run"):
        read_checkpoint(tmp_path, RECORD)


def test_a_damaged_checkpoint_is_told(tmp_path: Path) -> None:
    """Its content is not guessed."""
    (tmp_path / "models").mkdir()
    (tmp_path / FILE_NAME).write_bytes(b"PK\x03\x04")
    with pytest.raises(BadInputError, match="can't be read"):
        read_checkpoint(tmp_path, RECORD)
