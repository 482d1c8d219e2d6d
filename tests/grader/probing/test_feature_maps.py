"""Which module makes the last feature map, in real architectures."""

import pytest
import timm
import torch
import torchvision

from grader.probing.feature_maps import last_feature_map


def test_a_residual_network_is_asked_after_its_last_stage() -> None:
    """Before the pooling, on 7 x 7 places."""
    network = torchvision.models.resnet18(weights=None).eval()
    assert last_feature_map(network, torch.zeros(1, 3, 224, 224)) is network.layer4


def test_a_small_image_is_asked_about_where_there_are_still_places() -> None:
    """The last stage of a 64 px image has 2 x 2 places, which show nothing."""
    network = torchvision.models.resnet18(weights=None).eval()
    assert last_feature_map(network, torch.zeros(1, 3, 64, 64)) is network.layer3


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "swin_tiny_patch4_window7_224"])
def test_a_network_that_goes_on_with_tokens_has_no_feature_map(name: str) -> None:
    """Neither where patches are embedded, nor where channels come last."""
    network = timm.create_model(name, pretrained=False).eval()
    assert last_feature_map(network, torch.zeros(1, 3, 224, 224)) is None


def test_a_network_without_places_has_no_feature_map() -> None:
    """It flattens the image at once."""
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 64, 2)).eval()
    assert last_feature_map(network, torch.zeros(1, 3, 8, 8)) is None
