"""Small learners for the tests of training."""

from pathlib import Path
from typing import Any

import torch
from fastai.callback.core import Callback

from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.splitting.dataset import read_dataset
from pipeline.training.learners import build_learner
from pipeline.training.recipes import Recipe, read_recipe
from pipeline.training.settings import Device, TrainingSettings
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import BodyWeights
from tests.pipeline.drawing import draw_dataset, silent

RANDOM = BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None)


class Spoiler(Callback):  # type: ignore[misc] # fastai has no types
    """Makes every unfrozen epoch worse than the frozen one before it."""

    has_trained = False

    def before_train(self) -> None:
        """An epoch trains; a validation without that is left alone."""
        self.has_trained = True

    def before_validate(self) -> None:
        """Overturn the head."""
        if self.has_trained and self.learn.opt.frozen_idx == 0:
            self.has_trained = False
            with torch.no_grad():
                self.learn.model[1][-1].weight.mul_(-1000)


def small_settings(recipe: str | Recipe = "best", **changes: Any) -> TrainingSettings:
    """Settings for a handful of images of 32 pixels, in batches of 4, on the CPU."""
    found = read_recipe(recipe) if isinstance(recipe, str) else recipe
    values: dict[str, Any] = {"n_epochs": 3, "n_fine_tune_epochs": 3, "batch_size": 4, "seed": 3}
    return TrainingSettings(recipe=found, image_size_px=32, device=Device.CPU, **(values | changes))


def small_learner(folder: Path, settings: TrainingSettings, *, name: str = "run") -> Any:
    """A learner of a tiny network on images, which are drawn in `folder` if missing."""
    root = folder / "dataset"
    dataset = read_dataset(root if root.exists() else draw_dataset(root), silent)
    return build_learner(dataset, settings, find_architecture("test_resnet"), RANDOM, folder / name)


def changed(name: str, table: str, **changes: Any) -> Recipe:
    """A recipe with some values of one of its tables changed."""
    values = read_recipe(name).model_dump()
    values[table] |= changes
    return Recipe.model_validate(values)
