"""Bodies, and their division into groups of parameters."""

from typing import Any

import pytest
import torch
from fastai.vision.learner import (
    create_body,
    create_timm_model,
    create_vision_model,
    default_split,
    model_meta,
)
from torch import nn
from torchvision import models

from pipeline.training.weights.architectures import Library, find_architecture

# fastai passes torchvision's weights by the old parameter if its table lacks them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The parameter 'pretrained' is deprecated"),
    pytest.mark.filterwarnings("ignore:Arguments other than a weight enum"),
]

NAMES = (
    "resnet152",
    "resnext101_64x4d",
    "resnext101_32x8d",
    "resnext50_32x4d",
    "googlenet",
    "inception_v3",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
    "alexnet",
    "densenet121",
    "resnet18",
    "resnet50",
    "wide_resnet50_2",
    "vgg11",
    "convnext_tiny",
    "convnext_atto",
    "tf_efficientnet_lite0",
    "vit_tiny_patch16_224",
    "pit_ti_224",
)


def network_of(name: str) -> Any:
    """A body and a head for two classes, as fastai makes them: shapes without values."""
    architecture = find_architecture(name)
    with torch.device("meta"):
        if architecture.library is Library.TIMM:
            return create_timm_model(name, 2, default_split, pretrained=False)[0]
        return create_vision_model(architecture.builder, 2, pretrained=False)


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_in_one_of_three_groups(name: str) -> None:
    """None is lost or listed twice, and no group is empty; the head is the last."""
    network = network_of(name)
    groups = [list(group) for group in find_architecture(name).splitter(network)]
    assert [bool(group) for group in groups] == [True, True, True]
    ids = [id(parameter) for group in groups for parameter in group]
    assert len(ids) == len(set(ids))
    assert set(ids) == {id(parameter) for parameter in network.parameters()}
    assert [id(one) for one in groups[2]] == [id(one) for one in network[1].parameters()]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("resnext50_32x4d", "6.0.conv1.weight"),
        ("googlenet", "8.branch1.conv.weight"),
        ("inception_v3", "10.branch3x3.conv.weight"),
        ("vgg16", "0.17.weight"),
        ("tf_efficientnet_lite0", "model.blocks.3.2.conv_pw.weight"),
    ],
)
def test_the_upper_body_begins_where_images_are_small(name: str, first: str) -> None:
    """In known families it begins at a fixed place; in timm's networks, with their second half."""
    network = network_of(name)
    upper = [*find_architecture(name).splitter(network)[1]]
    assert upper[0] is network[0].get_parameter(first)


def test_fastais_own_division_is_kept() -> None:
    """It is kept for architectures in its table, so the document's recipe can be repeated."""
    assert find_architecture("vgg16_bn").splitter is model_meta[models.vgg16_bn]["split"]
    assert find_architecture("resnet152").splitter is model_meta[models.resnet152]["split"]


def test_a_densenet_keeps_the_relu_of_its_forward() -> None:
    """The head gets what the published network pools, to the last bit."""
    architecture = find_architecture("densenet121")
    torch.manual_seed(0)
    network = architecture.function(weights=None).eval()
    body = create_body(architecture.cuttable(network), pretrained=False).eval()
    assert isinstance(body[-1], nn.ReLU)
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        pooled = nn.functional.adaptive_avg_pool2d(body(image), 1).flatten(1)
        assert torch.equal(network.classifier(pooled), network(image))
