"""Blocks of fastai 1, which is no longer installed: its networks as far as their code is short."""

import sys
from collections.abc import Callable, Mapping
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.grader.loading.modules import against, assert_equal

XRESNET = "fastai.vision.models.xresnet"
WRN = "fastai.vision.models.wrn"
DARKNET = "fastai.vision.models.darknet"


def noop(x: Tensor) -> Tensor:
    """What fastai 1 has in the place of a layer that does nothing."""
    return x


def doubled(x: Tensor) -> Tensor:
    """What might be there instead."""
    return 2 * x


class EarlyBlock(nn.Module):
    """Its xresnet's block."""

    __module__, __qualname__ = XRESNET, "ResBlock"

    def __init__(self, stride: int, shortcut: Callable[[Tensor], Tensor] = noop) -> None:
        super().__init__()
        changes = stride > 1
        self.convs = nn.Sequential(nn.Conv2d(4, 4, 3, stride, 1), nn.BatchNorm2d(4))
        self.idconv = nn.Conv2d(4, 4, 1) if changes else shortcut
        self.pool = nn.AvgPool2d(2, ceil_mode=True) if changes else noop

    def forward(self, x: Tensor) -> Tensor:
        """With an activation at its end."""
        return functional.relu(self.convs(x) + self.idconv(self.pool(x)))


class WideBlock(nn.Module):
    """Its wide resnet's block."""

    __module__, __qualname__ = WRN, "BasicBlock"

    def __init__(self, stride: int, drop: float = 0.0) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(4)
        self.conv1 = nn.Conv2d(4, 4, 3, stride, 1)
        self.conv2 = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3, 1, 1))
        self.drop = nn.Dropout(drop) if drop else None
        self.shortcut = nn.Conv2d(4, 4, 1, stride) if stride > 1 else noop

    def forward(self, x: Tensor) -> Tensor:
        """With a fifth of what its convolutions give."""
        activated = functional.relu(self.bn(x))
        changed = self.conv1(activated)
        if self.drop:
            changed = self.drop(changed)
        fifth: Tensor = self.conv2(changed) * 0.2
        return fifth + self.shortcut(activated)


class WideResNet(nn.Module):
    """Its wide resnet."""

    __module__, __qualname__ = WRN, "WideResNet"

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(WideBlock(1), WideBlock(2, drop=0.5))

    def forward(self, x: Tensor) -> Tensor:
        """Through its only child."""
        outputs: Tensor = self.features(x)
        return outputs


class ResLayer(nn.Module):
    """Its darknet's layer."""

    __module__, __qualname__ = DARKNET, "ResLayer"

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(4, 2, 1), nn.Conv2d(2, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """With its input added."""
        changed: Tensor = self.conv2(self.conv1(x))
        return x + changed


HOMES: Mapping[str, Mapping[str, object]] = {
    XRESNET: {"ResBlock": EarlyBlock, "noop": noop},
    WRN: {"BasicBlock": WideBlock, "WideResNet": WideResNet},
    DARKNET: {"ResLayer": ResLayer},
}


@pytest.fixture
def _fastai1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the classes where fastai 1 has them, so that torch saves them under their names."""
    for home, members in HOMES.items():
        module = ModuleType(home)
        module.__dict__.update(members)
        monkeypatch.setitem(sys.modules, home, module)
    monkeypatch.setattr(noop, "__module__", XRESNET)


@pytest.mark.usefixtures("_fastai1")
@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Sequential(EarlyBlock(1), EarlyBlock(2)),
        lambda: nn.Sequential(WideBlock(1), WideBlock(2, drop=0.5)),
        WideResNet,
        ResLayer,
    ],
)
def test_a_block_of_fastai_1_equals_its_code_of_the_day(make: Callable[[], nn.Module]) -> None:
    """With a function in the place of a layer, and without."""
    torch.manual_seed(4)
    assert_equal(make(), 2, 4, 9, 9)


@pytest.mark.usefixtures("_fastai1")
def test_another_function_in_the_place_of_a_layer_is_refused() -> None:
    """It is named and not in the file, so that nothing shows what it does."""
    (reason,) = against(EarlyBlock(1, shortcut=doubled))
    assert 'xresnet.ResBlock has a "idconv" that the grader doesn\'t know' in reason
