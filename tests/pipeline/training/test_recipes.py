"""Recipes as data."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.training.fits import first_stage_fit
from pipeline.training.recipes import OneCycle, OnFeatures, read_recipe, recipe_names
from pipeline.training.settings import TrainingSettings


def test_two_recipes_come_with_the_package() -> None:
    """Each has the name of its file."""
    assert recipe_names() == ("best", "document")
    assert [read_recipe(name).name for name in recipe_names()] == ["best", "document"]


def test_the_default_is_the_best() -> None:
    """The document's callbacks are used only if asked for."""
    assert read_recipe().name == "best"
    assert isinstance(read_recipe().first_stage, OnFeatures)


def test_the_documents_numbers_are_the_documents() -> None:
    """10 + 1 + 10 epochs, half of an image at least, and two sets of patience."""
    recipe = read_recipe("document")
    first, tuning = recipe.first_stage, recipe.fine_tuning
    assert isinstance(first, OneCycle)
    assert (recipe.n_epochs, tuning.n_frozen_epochs, recipe.n_fine_tune_epochs) == (10, 1, 10)
    assert (recipe.image_size_px, recipe.batch_size, recipe.images.min_scale) == (224, 64, 0.5)
    watched = [
        (one.patience, one.min_delta, one.factor) for one in (first.trackers, tuning.trackers)
    ]
    assert watched == [(3, 0.10, 3.5), (3, 0.05, 7.5)]
    assert (recipe.images.normalisation, recipe.groups, recipe.head) == ("fastai",) * 3


def test_a_recipe_may_be_a_file_of_ones_own(tmp_path: Path) -> None:
    """An experiment is a recipe with a value changed."""
    text = (Path("pipeline/training/recipe_files") / "best.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('name = "best"', 'name = "mine"'), "utf-8")
    assert read_recipe(path).name == "mine"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name = ", "can't be read as TOML"),
        ('name = "x"', "version: Field required"),
        ('name = "x"\ncolour = 1', "colour: Extra inputs are not permitted"),
    ],
)
def test_a_faulty_recipe_is_refused_with_its_faults(tmp_path: Path, text: str, fault: str) -> None:
    """The message names the key."""
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=fault):
        read_recipe(path)


def test_a_head_that_no_features_can_be_fitted_to_is_refused(tmp_path: Path) -> None:
    """Before anything is trained; the message says which two values don't go together."""
    text = (Path("pipeline/training/recipe_files") / "best.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('head = "linear"', 'head = "fastai"'), "utf-8")
    with pytest.raises(UsageError, match='  - head: "fastai" can\'t be fitted to features'):
        read_recipe(path)


def test_a_recipe_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    """A name without a file is an error."""
    with pytest.raises(UsageError, match='"best", "document"') as caught:
        read_recipe("bets")
    assert "\n  - there is no recipe of that name, and no such file\n" in str(caught.value)


def test_a_rate_of_ones_own_is_the_heads_in_both_stages() -> None:
    """As pipeline find-lr advises it; everything else stays the recipe's."""
    recipe = read_recipe("document")
    found = recipe.with_rate(0.005)
    assert isinstance(found.first_stage, OneCycle)
    assert (found.first_stage.rate, found.fine_tuning.base_rate) == (0.005, 0.005)
    assert found.images == recipe.images
    assert first_stage_fit(TrainingSettings(recipe=found), found.first_stage).options == {
        "lr_max": 0.005
    }


def test_a_head_that_is_fitted_to_features_has_no_rate() -> None:
    """The message names the recipe and a way out."""
    with pytest.raises(UsageError, match=r"without a learning rate(?s:.*)--recipe document"):
        read_recipe("best").with_rate(0.005)
