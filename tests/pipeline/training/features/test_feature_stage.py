"""A first stage on cached features, trained for real on a few small images."""

from pathlib import Path

import pytest
import torch

from pipeline.errors import BadInputError, TrainingDivergedError
from pipeline.progress import Milestone
from pipeline.training.stages import Resumption, fine_tune, train_first_stage
from tests.pipeline.drawing import draw_dataset, silent
from tests.pipeline.training.learning import Spoiler, changed, small_learner, small_settings

# fastai uses the old name of a numpy module when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")

SETTINGS = small_settings("best")


def test_an_epoch_is_a_shrinkage_and_the_best_by_val_stays(tmp_path: Path) -> None:
    """The learner's own loss on val is the lowest of the history."""
    learner = small_learner(tmp_path, SETTINGS)
    lines: list[str] = []
    history = train_first_stage(learner, SETTINGS, lines.append)
    assert [epoch.epoch for epoch in history] == [0, 1, 2]
    tried = [line.rpartition("shrinkage ")[2] for line in lines if "shrinkage" in line]
    assert tried == ["0.90", "0.50", "0.10"]
    with learner.no_bar(), learner.no_logging():
        loss = learner.validate()[0]
    assert loss == pytest.approx(min(epoch.valid_loss for epoch in history), abs=1e-5)


def test_the_features_of_val_tell_how_long_those_of_train_take(tmp_path: Path) -> None:
    """Twelve images and their mirror images, after four of val."""
    learner = small_learner(tmp_path, SETTINGS)
    lines: list[str] = []
    train_first_stage(learner, SETTINGS, lines.append)
    (milestone,) = (line for line in lines if isinstance(line, Milestone))
    assert milestone == "Features of 4 images of val"
    assert (milestone.n_done, milestone.n_all) == (4, 28)
    assert milestone.left_s > 0
    assert "Features of 24 views of train" in lines


def test_the_body_is_left_as_it_was(tmp_path: Path) -> None:
    """This includes its statistics."""
    learner = small_learner(tmp_path, SETTINGS)
    before = {name: one.clone() for name, one in learner.model[0].state_dict().items()}
    train_first_stage(learner, SETTINGS, silent)
    after = learner.model[0].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_best_head_is_on_disk_before_the_stage_ends(tmp_path: Path) -> None:
    """Ctrl-C in the second stage finds it there."""
    learner = small_learner(tmp_path, SETTINGS)
    train_first_stage(learner, SETTINGS, silent)
    saved = torch.load(learner.path / "models" / "first_stage.pth", weights_only=True)
    held = learner.model.state_dict()
    assert all(torch.equal(held[name], tensor) for name, tensor in saved.items())


def test_as_many_images_as_classes_are_too_few(tmp_path: Path) -> None:
    """With one of each class and no mirror images, nothing shows how a class varies."""
    root = draw_dataset(tmp_path / "dataset")
    for path in root.glob("train/*/*"):
        if path.name != "0.png":
            path.unlink()
    settings = small_settings("best", flips=False, batch_size=2)
    learner = small_learner(tmp_path, settings)
    with pytest.raises(BadInputError, match=r"to 2 views .* classes, 2(?s:.)*put more images"):
        train_first_stage(learner, settings, silent)


def test_features_that_are_no_numbers_end_the_stage(tmp_path: Path) -> None:
    """The message is ours, and comes before a head is fitted to them."""
    learner = small_learner(tmp_path, SETTINGS)
    with torch.no_grad():
        next(learner.model[0].parameters()).fill_(float("nan"))
    with pytest.raises(TrainingDivergedError, match="first_stage"):
        train_first_stage(learner, SETTINGS, silent)


def test_fine_tuning_that_makes_things_worse_leaves_the_first_stage(tmp_path: Path) -> None:
    """The best of both stages is what remains."""
    recipe = changed("best", "fine_tuning", averaging=None, temperature=False)
    settings = small_settings(recipe, n_fine_tune_epochs=1)
    learner = small_learner(tmp_path, settings)
    first = train_first_stage(learner, settings, silent)
    kept = {name: one.clone() for name, one in learner.model.state_dict().items()}
    learner.add_cb(Spoiler())
    second = fine_tune(learner, settings, silent, Resumption(earlier=first))
    assert min(epoch.valid_loss for epoch in second) > min(epoch.valid_loss for epoch in first)
    assert all(torch.equal(kept[name], one) for name, one in learner.model.state_dict().items())
