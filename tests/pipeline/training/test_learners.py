"""Learners ready for the first stage."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision import models

from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.errors import UsageError
from pipeline.splitting.dataset import Dataset, read_dataset
from pipeline.training.learners import build_learner, normalisation_of
from pipeline.training.loaders import NO_NORMALISATION
from pipeline.training.recipes import read_recipe
from pipeline.training.settings import Device, TrainingSettings, Weights
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import BodyWeights, load_weights
from tests.pipeline.drawing import draw_dataset, silent

SETTINGS = TrainingSettings(image_size_px=32, device=Device.CPU)
RANDOM = BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """A data set of two classes."""
    return read_dataset(draw_dataset(tmp_path / "dataset"), silent)


def learner_of(
    dataset: Dataset,
    name: str,
    weights: BodyWeights = RANDOM,
    settings: TrainingSettings = SETTINGS,
) -> Any:
    """A learner that would save beside the data set."""
    architecture = find_architecture(name)
    return build_learner(dataset, settings, architecture, weights, dataset.root.parent / "out")


def test_the_body_has_the_packaged_weights(dataset: Dataset) -> None:
    """All 294 tensors of timm's body are the loaded ones."""
    weights = load_weights(find_architecture("tf_efficientnet_lite0"), Weights.PRETRAINED, silent)
    body = learner_of(dataset, "tf_efficientnet_lite0", weights).model[0].model.state_dict()
    assert weights.state is not None
    assert len(body) == 294
    assert all(torch.equal(body[name], tensor) for name, tensor in weights.state.items())


def test_one_seed_gives_one_head(dataset: Dataset) -> None:
    """Two learners of one seed are equal, and one of another seed differs."""
    settings = [SETTINGS, SETTINGS, replace(SETTINGS, seed=6)]
    heads = [
        torch.cat(
            [
                p.flatten()
                for p in learner_of(dataset, "resnet18", settings=one).model[1].parameters()
            ]
        )
        for one in settings
    ]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_nothing_is_written_yet(dataset: Dataset) -> None:
    """The folder of the run is made when there is something to keep."""
    learner = learner_of(dataset, "resnet18")
    assert not learner.path.exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("inception_v3", r"Kernel size can't be greater(?s:.)*--image-size"),
        ("mobilenet_v2", r"can't be used as a body with a new head(?s:.)*mobilenet_v2"),
        (
            "vit_tiny_patch16_224",
            r"Input height \(32\) doesn't match model \(224\)(?s:.)*--image-size",
        ),
    ],
)
def test_an_architecture_that_does_not_fit_is_an_error(
    dataset: Dataset, name: str, message: str
) -> None:
    """The error comes before training starts, and says what doesn't fit."""
    with pytest.raises(UsageError, match=message):
        learner_of(dataset, name)


@pytest.mark.parametrize("name", ["resnext50_32x4d", "googlenet", "resnet10t"])
def test_architectures_that_fastai_does_not_know_can_be_built(dataset: Dataset, name: str) -> None:
    """Networks of torchvision without an entry in fastai's table, and one of timm."""
    learner = learner_of(dataset, name)
    outputs = learner.model(torch.zeros(2, 3, 32, 32))
    assert outputs.shape == (2, 2)


def test_inception_is_built_without_its_auxiliary_head(dataset: Dataset) -> None:
    """With it, fastai couldn't cut a body; the learner names torchvision's own function."""
    learner = learner_of(dataset, "inception_v3", settings=replace(SETTINGS, image_size_px=80))
    assert learner.arch is models.inception_v3
    assert "InceptionAux" not in {type(module).__name__ for module in learner.model.modules()}


@pytest.mark.parametrize(
    ("name", "is_known"), [("resnext50_32x4d", False), ("resnet18", True), ("resnet10t", True)]
)
def test_the_document_leaves_out_what_fastai_leaves_out(name: str, *, is_known: bool) -> None:
    """No normalisation for a resnext; that of the weights for architectures in fastai's table."""
    architecture = find_architecture(name)
    found = normalisation_of(read_recipe("document"), architecture)
    assert found == (architecture.normalisation if is_known else NO_NORMALISATION)
    assert normalisation_of(read_recipe("best"), architecture) == architecture.normalisation


@pytest.mark.parametrize(("recipe", "n_groups"), [("document", 2), ("best", 3)])
def test_layers_share_rates_as_the_recipe_says(
    dataset: Dataset, recipe: str, n_groups: int
) -> None:
    """For example, fastai makes two groups of a resnext."""
    settings = replace(SETTINGS, recipe=read_recipe(recipe))
    learner = learner_of(dataset, "resnext50_32x4d", settings=settings)
    learner.create_opt()
    assert len(learner.opt.param_groups) == n_groups


def test_a_linear_head_is_one_layer_of_fastais(dataset: Dataset) -> None:
    """The document's head has two."""
    kinds = {
        recipe: [
            type(module).__name__
            for module in learner_of(
                dataset, "resnet18", settings=replace(SETTINGS, recipe=read_recipe(recipe))
            ).model[1]
        ]
        for recipe in ("best", "document")
    }
    assert kinds["best"] == ["AdaptiveAvgPool2d", "Flatten", "Linear"]
    assert kinds["document"].count("Linear") == 2
