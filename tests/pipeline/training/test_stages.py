"""The two stages, trained for real on a few small images."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.callback.core import Callback
from fastai.callback.tracker import EarlyStoppingCallback, ReduceLROnPlateau, SaveModelCallback

from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.errors import TrainingDivergedError
from pipeline.splitting.dataset import read_dataset
from pipeline.training.learners import build_learner
from pipeline.training.recipes import read_recipe
from pipeline.training.settings import Device, TrainingSettings
from pipeline.training.stages import fine_tune, train_first_stage
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import BodyWeights
from tests.pipeline.drawing import draw_dataset, silent
from tests.pipeline.training.learning import Spoiler

# fastai uses the old name of a numpy module when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")

SETTINGS = TrainingSettings(
    recipe=read_recipe("document"),
    image_size_px=32,
    n_epochs=2,
    n_fine_tune_epochs=1,
    device=Device.CPU,
    seed=3,
)
RANDOM = BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None)


@pytest.fixture
def learner(tmp_path: Path) -> Any:
    """A small learner, ready for the first stage."""
    dataset = read_dataset(draw_dataset(tmp_path / "dataset"), silent)
    architecture = find_architecture("test_resnet")
    return build_learner(dataset, SETTINGS, architecture, RANDOM, tmp_path / "run")


class Witness(Callback):  # type: ignore[misc] # fastai has no types
    """Notes what is set up when a fit begins."""

    def __init__(self) -> None:
        self.fits: list[dict[str, Any]] = []

    def before_fit(self) -> None:
        """Note the fit's callbacks and what is trained."""
        kinds = (EarlyStoppingCallback, SaveModelCallback, ReduceLROnPlateau)
        tracking = [cb for kind in kinds for cb in self.learn.cbs if type(cb) is kind]
        self.fits.append(
            {
                "frozen_groups": self.learn.opt.frozen_idx,
                "n_epochs": self.learn.n_epoch,
                "stop": (tracking[0].monitor, tracking[0].patience, tracking[0].min_delta),
                "save": (tracking[1].monitor, tracking[1].fname),
                "reduce": (
                    tracking[2].monitor,
                    tracking[2].patience,
                    -tracking[2].min_delta,
                    tracking[2].factor,
                ),
            }
        )


def weights_of(learner: Any, file: Path) -> bool:
    """Whether the learner holds the weights of a file."""
    saved = torch.load(file, weights_only=True)
    held = learner.model.state_dict()
    return all(torch.equal(held[name], tensor) for name, tensor in saved.items())


def test_the_first_stage_is_the_documents(learner: Any) -> None:
    """Body frozen, and the three callbacks with the document's numbers."""
    witness = Witness()
    learner.add_cb(witness)
    train_first_stage(learner, SETTINGS, silent)
    assert witness.fits == [
        {
            "frozen_groups": 1,
            "n_epochs": 2,
            "stop": ("valid_loss", 3, 0.0),
            "save": ("valid_loss", "first_stage"),
            "reduce": ("valid_loss", 3, 0.10, 3.5),
        }
    ]


def test_the_second_stage_is_the_documents(learner: Any) -> None:
    """One epoch frozen, then the whole network, with the second set of numbers."""
    witness = Witness()
    learner.add_cb(witness)
    fine_tune(learner, SETTINGS, silent)
    shared = {
        "stop": ("valid_loss", 3, 0.0),
        "save": ("valid_loss", "fine_tuned"),
        "reduce": ("valid_loss", 3, 0.05, 7.5),
        "n_epochs": 1,
    }
    assert witness.fits == [{"frozen_groups": 1, **shared}, {"frozen_groups": 0, **shared}]


def test_the_history_holds_every_epoch(learner: Any) -> None:
    """Phases and epochs in order, with finite values."""
    history = train_first_stage(learner, SETTINGS, silent) + fine_tune(learner, SETTINGS, silent)
    assert [(epoch.phase, epoch.epoch) for epoch in history] == [
        ("first_stage", 0),
        ("first_stage", 1),
        ("fine_tune_frozen", 0),
        ("fine_tune", 0),
    ]
    assert all(math.isfinite(epoch.valid_loss) and 0 <= epoch.accuracy <= 1 for epoch in history)


def test_each_stage_keeps_its_own_weights(learner: Any) -> None:
    """Fine-tuning leaves the file of the first stage as it is, and writes another."""
    models = learner.path / "models"
    train_first_stage(learner, SETTINGS, silent)
    assert weights_of(learner, models / "first_stage.pth")
    before = (models / "first_stage.pth").read_bytes()
    fine_tune(learner, SETTINGS, silent)
    assert weights_of(learner, models / "fine_tuned.pth")
    assert not weights_of(learner, models / "first_stage.pth")
    assert (models / "first_stage.pth").read_bytes() == before


def test_a_stage_ends_with_its_best_weights(learner: Any) -> None:
    """The validation loss at the end is the lowest of the history."""
    history = train_first_stage(learner, SETTINGS, silent)
    with learner.no_bar():
        loss = learner.validate()[0]
    assert loss == pytest.approx(min(epoch.valid_loss for epoch in history), rel=1e-5)


def test_the_documents_callbacks_lose_a_better_frozen_model(learner: Any) -> None:
    """The first unfrozen epoch is far worse, but it is what remains; the output says so."""
    learner.add_cb(Spoiler())
    lines: list[str] = []
    frozen, unfrozen = fine_tune(learner, SETTINGS, lines.append)
    learner.remove_cb(Spoiler)
    assert unfrozen.valid_loss > frozen.valid_loss
    assert any(
        line.startswith("Note: SaveModelCallback overwrote a better model") for line in lines
    )


def test_nothing_of_ours_stays_on_the_learner(learner: Any) -> None:
    """After a stage only fastai's default callbacks are left, and its logger."""
    train_first_stage(learner, SETTINGS, silent)
    names = {type(callback).__name__ for callback in learner.cbs}
    assert names == {"TrainEvalCallback", "Recorder", "CastToTensor", "ProgressCallback"}
    assert learner.logger is print


def test_training_prints_nothing_to_stdout(
    learner: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """What fastai says goes to the listener."""
    lines: list[str] = []
    train_first_stage(learner, SETTINGS, lines.append)
    assert capsys.readouterr().out == ""
    assert any("Better model found" in line for line in lines)


def test_a_loss_that_is_no_number_ends_a_stage_with_a_plain_message(learner: Any) -> None:
    """The message is ours alone, and the learner could be used again."""
    with torch.no_grad():
        learner.model[1][-1].weight.fill_(float("nan"))
    with pytest.raises(
        TrainingDivergedError, match=r"^Training diverged: the validation loss is no"
    ):
        train_first_stage(learner, SETTINGS, silent)
    assert learner.logger is print
