"""The default settings of training."""

import json

from pipeline.training.recipes import read_recipe
from pipeline.training.settings import Device, Precision, TrainingSettings, Weights


def test_the_defaults_are_the_default_recipes() -> None:
    """The recipe's sizes and counts, with pretrained weights, on any device."""
    settings, recipe = TrainingSettings(), read_recipe()
    assert settings.recipe == recipe
    assert settings.n_epochs == recipe.n_epochs
    assert settings.n_fine_tune_epochs == recipe.n_fine_tune_epochs
    assert (settings.image_size_px, settings.batch_size) == (
        recipe.image_size_px,
        recipe.batch_size,
    )
    assert (settings.weights, settings.device) == (Weights.PRETRAINED, Device.AUTO)
    assert (settings.precision, settings.n_accumulated, settings.flips) == (Precision.AUTO, 1, True)


def test_settings_can_be_recorded() -> None:
    """The record is JSON and includes the recipe's values."""
    record = json.loads(json.dumps(TrainingSettings(seed=7).as_record()))
    assert record["seed"] == 7
    assert record["recipe"]["name"] == "best"
