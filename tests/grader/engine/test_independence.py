"""Which networks are shown to treat each image by itself, and that no other is."""

from collections.abc import Callable

import pytest
import timm
import torch
from torch import nn
from torch.nn import functional
from torchvision.models import densenet121, mobilenet_v3_small, resnet18

from grader.engine.independence import Watch
from tests.grader.networks import (
    BetterTogether,
    Colours,
    Fickle,
    FirstIsRed,
    LessTheMean,
    SortedRows,
)


class Doing(nn.Module):
    """Does one thing to its images."""

    def __init__(self, do: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.do = do

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """What it does."""
        return self.do(batch)


def is_shown(network: nn.Module, batch: torch.Tensor) -> bool:
    """Whether the network is shown to keep the images of this batch apart."""
    watch = Watch()
    with torch.inference_mode(), watch.over(batch) as ends_in:
        ends_in(network.eval()(batch))
    return watch.is_shown


def pictures(n_images: int = 3, side_px: int = 64) -> torch.Tensor:
    """Noise."""
    generator = torch.Generator().manual_seed(n_images)
    return torch.rand((n_images, 3, side_px, side_px), generator=generator)


@pytest.mark.parametrize(
    "network",
    [
        resnet18(),
        densenet121(),
        mobilenet_v3_small(),
        timm.create_model("tf_efficientnet_lite0"),
        timm.create_model("convnext_atto"),
        Colours(),
    ],
    ids=lambda network: type(network).__name__,
)
def test_ordinary_networks_are_shown_to_keep_images_apart(network: nn.Module) -> None:
    """So a few answers given again are enough for them; watching changes none."""
    batch = pictures()
    assert is_shown(network, batch)
    with torch.inference_mode():
        plain = network(batch)
        with Watch().over(batch):
            watched = network(batch)
    assert torch.equal(plain, watched)


@pytest.mark.parametrize(
    "network",
    [
        LessTheMean(),
        SortedRows(),
        FirstIsRed(),
        BetterTogether(),
        Fickle(),
        nn.Sequential(nn.BatchNorm2d(3, track_running_stats=False), Colours()),
    ],
    ids=lambda network: type(network).__name__,
)
def test_a_network_that_looks_at_other_images_or_at_chance_is_never_shown(
    network: nn.Module,
) -> None:
    """Its answers are all given again, as ever."""
    assert not is_shown(network, pictures())


@pytest.mark.parametrize(
    "do",
    [
        lambda x: x - x.mean(),
        lambda x: x - x.mean(0),
        lambda x: x - x.mean((0, 2)).unsqueeze(1),
        lambda x: x.flip(0),
        lambda x: x.roll(1, 0),
        lambda x: x.roll(1),
        lambda x: x.softmax(0),
        lambda x: x.cumsum(0),
        lambda x: x[[2, 1, 0]],
        lambda x: x + x[:1],
        lambda x: torch.cat([x[1:], x[:1]]),
        lambda x: x.transpose(0, 1),
        lambda x: x.permute(1, 0, 2, 3).reshape(x.shape),
        lambda x: x.view(-1).sort().values.view(x.shape),
        lambda x: x.view(1, -1, 64, 64).mean(1, keepdim=True).expand(x.shape),
        lambda x: functional.layer_norm(x, x.shape),
        lambda x: functional.batch_norm(x, None, None, training=True),
        lambda x: functional.instance_norm(x.view(1, 9, 64, 64)).view(x.shape),
        lambda x: x.flatten(1) @ x.flatten(1).T @ x.flatten(1),
        lambda x: torch.rand_like(x) * x,
        functional.dropout,
        lambda x: x * x.sum().item(),
        lambda x: x + torch.arange(3.0).view(3, 1, 1, 1),
        lambda x: functional.pad(x, (0, 0, 0, 0, 0, 0, 1, 2)),
        lambda x: torch.baddbmm(x.flatten(2), x.flatten(2), torch.eye(4096).expand(3, -1, -1)),
        lambda _: torch.ones(3, 2),
    ],
)
def test_no_single_step_across_images_goes_unseen(
    do: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    """Nor one that isn't known, nor an answer that doesn't come from the images."""
    assert not is_shown(Doing(do), pictures())


@pytest.mark.parametrize(
    "do",
    [
        lambda x: x - x.mean((1, 2, 3), keepdim=True),
        lambda x: x.flip(3).roll(2, 2),
        lambda x: torch.cat([x, x.relu()], dim=1),
        lambda x: x.flatten(1).softmax(-1),
        lambda x: functional.layer_norm(x, x.shape[1:]),
        lambda x: functional.batch_norm(x, torch.zeros(3), torch.ones(3)),
        lambda x: functional.group_norm(x, 3),
        lambda x: functional.dropout(x, training=False),
        lambda x: x.flatten(2) @ x.flatten(2).transpose(1, 2),
        lambda x: functional.pad(x, (1, 1, 2, 2)),
        lambda x: x + torch.ones(3, 64, 64),
    ],
)
def test_steps_inside_each_image_are_known(do: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """Also where some of them change the shape."""
    assert is_shown(Doing(do), pictures())


def test_one_image_shows_nothing() -> None:
    """It has no mates that could change its answer."""
    assert not is_shown(resnet18(), pictures(1))
