import re

import pytest
import torch
from torch import nn

from grader.loading.rebuilding.cost import check_cost
from grader.loading.refusal import RefusedExportError

HEAD = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4))


class Endless(nn.Module):
    """Does the same again and again."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape to the same."""
        for _ in range(100_000):
            x = x + 1
        return x


def test_an_ordinary_network_passes_and_keeps_its_numbers() -> None:
    """The look at its cost changes nothing."""
    network = nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3), *HEAD).eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    check_cost(network, (3, 32, 32), n_classes=4)
    after = network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (nn.ZeroPad2d(10**5), "makes a tensor of"),
        (nn.Upsample(scale_factor=1000.0), "makes a tensor of"),
        (Endless(), "runs more than 20000 operations"),
        (nn.Conv2d(3, 900, 9999, padding=4999, device="meta"), "takes more than"),
        (nn.Sequential(*[nn.AvgPool2d(1025, stride=1, padding=512)] * 30), "takes more than"),
        (nn.ConvTranspose2d(3, 999, 5001, padding=2500, device="meta"), "takes more than"),
    ],
)
def test_a_network_without_end_is_refused_before_it_runs(layer: nn.Module, reason: str) -> None:
    """It would take gigabytes or hours."""
    network = nn.Sequential(layer, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LazyLinear(4)).eval()
    with pytest.raises(RefusedExportError, match=re.escape(reason)):
        check_cost(network[:1], (3, 224, 224), n_classes=4)


@pytest.mark.parametrize(
    ("network", "found"),
    [
        (nn.Sequential(*HEAD), "4 outputs where the vocab has 3 classes"),
        (nn.Conv2d(3, 3, 1), "outputs of shape (22, 3, 32, 32) for 22 images"),
        (nn.Flatten(0), "outputs of shape (67584,) for 22 images"),
        (nn.AdaptiveMaxPool2d(1, return_indices=True), "a tuple"),
    ],
)
def test_outputs_that_are_not_one_for_each_class_are_refused(
    network: nn.Module, found: str
) -> None:
    """The message has both numbers."""
    with pytest.raises(RefusedExportError, match=re.escape(found)):
        check_cost(network.eval(), (3, 32, 32), n_classes=3)


@pytest.mark.parametrize(
    "layer",
    [
        nn.BatchNorm2d(3, track_running_stats=False),
        nn.Sequential(nn.Flatten(), nn.BatchNorm1d(3072, eps=1e12, track_running_stats=False)),
        nn.Softmax(dim=0),
        nn.Softmax(dim=-4),
        nn.LogSoftmax(dim=0),
        nn.GLU(dim=0),
        nn.ZeroPad2d((0, 0, 0, 0, 0, 0, 1, -1)),  # type: ignore[arg-type] # more than it declares
        nn.ConstantPad1d((0, 0, 0, 0, 0, 0, -1, 1), 5.0),  # type: ignore[arg-type] # as above
    ],
)
def test_a_layer_that_mixes_images_is_refused_before_it_runs(layer: nn.Module) -> None:
    """Whatever way it names the dimension of the images."""
    with pytest.raises(RefusedExportError, match="depends on the others in the batch"):
        check_cost(layer.eval(), (3, 32, 32), n_classes=3)


@pytest.mark.parametrize(
    "layer",
    [
        nn.BatchNorm2d(3),
        nn.InstanceNorm2d(3),
        nn.InstanceNorm2d(3, affine=True, track_running_stats=True),
        nn.GroupNorm(3, 3),
        nn.LayerNorm(32),
        nn.Softmax(dim=1),
        nn.Softmax(dim=-1),
        nn.ZeroPad2d(1),
    ],
)
def test_layers_that_look_at_one_image_at_a_time_are_allowed(layer: nn.Module) -> None:
    """Norms with running statistics, and those of each image alone."""
    check_cost(nn.Sequential(layer, *HEAD).eval(), (3, 32, 32), n_classes=4)


def test_a_network_that_fails_is_refused_with_its_reason() -> None:
    """And with the size of the image."""
    with pytest.raises(RefusedExportError, match="fails on an image of 3 x 8 x 8"):
        check_cost(nn.Conv2d(5, 3, 1), (3, 8, 8), n_classes=3)
