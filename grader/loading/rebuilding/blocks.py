"""Modules of fastai and torchvision with short code, as equivalent modules in plain torch.

Each names its original. They are built from modules and numbers, and initialise nothing. Their
equivalence is tested against the libraries themselves.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional


class ConcatPool(nn.Module):
    """The maximum and the average of each channel: fastai.layers.AdaptiveConcatPool2d and 1d."""

    def __init__(self, *, ap: nn.Module, mp: nn.Module) -> None:
        super().__init__()
        self.ap = ap
        self.mp = mp

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, ...) to (n, 2 * channels, ...)."""
        return torch.cat([self.mp(x), self.ap(x)], 1)


class Flatten(nn.Module):
    """One row for each image: fastai.layers.Flatten."""

    def __init__(self, *, full: bool) -> None:
        super().__init__()
        self.full = full

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, ...) to (n, product of the rest); with `full` to a single dimension."""
        return x.view(-1) if self.full else x.view(x.size(0), -1)


class ResizeBatch(nn.Module):
    """Another shape for each image: fastai.layers.ResizeBatch."""

    def __init__(self, *, size: Iterable[int]) -> None:
        super().__init__()
        self.size = tuple(size)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, ...) to (n, *size)."""
        return x.view((x.size(0), *self.size))


class SigmoidRange(nn.Module):
    """Values between two bounds: fastai.layers.SigmoidRange."""

    def __init__(self, *, low: float, high: float) -> None:
        super().__init__()
        self.low = low
        self.high = high

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        return torch.sigmoid(x) * (self.high - self.low) + self.low


class Mish(nn.Module):
    """x * tanh(softplus(x)): Mish as fastai had it before torch did."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        return x.mul(torch.tanh(functional.softplus(x)))


class Swish(nn.Module):
    """x * sigmoid(x): Swish as fastai had it before torch did."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        return x.mul(torch.sigmoid(x))


class ResBlock(nn.Module):
    """A residual block of an xresnet: fastai.layers.ResBlock."""

    def __init__(self, *, convpath: nn.Module, idpath: nn.Module, act: nn.Module) -> None:
        super().__init__()
        self.convpath = convpath
        self.idpath = idpath
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to another shape of this kind."""
        activated: Tensor = self.act(self.convpath(x) + self.idpath(x))
        return activated


class MergeLayer(nn.Module):
    """The input of a `SequentialEx` added or appended: fastai.layers.MergeLayer."""

    def __init__(self, *, dense: bool) -> None:
        super().__init__()
        self.dense = dense

    def forward(self, x: Tensor, original: Tensor) -> Tensor:
        """Two equal shapes to the same shape, or to one with twice the channels."""
        return torch.cat([x, original], dim=1) if self.dense else x + original


class ProdLayer(nn.Module):
    """The input of a `SequentialEx` multiplied in: fastai.layers.ProdLayer."""

    def forward(self, x: Tensor, original: Tensor) -> Tensor:
        """Two shapes that broadcast to their product."""
        return x * original


class SequentialEx(nn.Module):
    """Layers one after another, some of which see the first input: fastai.layers.SequentialEx."""

    def __init__(self, *, layers: nn.ModuleList) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to that of the last layer."""
        result = x
        for layer in self.layers:
            merges = isinstance(layer, (MergeLayer, ProdLayer))
            result = layer(result, x) if merges else layer(result)
        return result


class SelfAttention(nn.Module):
    """Attention between the positions of an image: fastai.layers.SelfAttention."""

    def __init__(
        self, *, query: nn.Module, key: nn.Module, value: nn.Module, gamma: nn.Parameter
    ) -> None:
        super().__init__()
        self.query = query
        self.key = key
        self.value = value
        self.gamma = gamma

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to the same."""
        size = x.size()
        places = x.view(*size[:2], -1)
        query, key, value = self.query(places), self.key(places), self.value(places)
        weights = functional.softmax(torch.bmm(query.transpose(1, 2), key), dim=1)
        attended = self.gamma * torch.bmm(value, weights) + places
        return attended.view(*size).contiguous()


class PooledSelfAttention(nn.Module):
    """The same with pooled keys and values: fastai.layers.PooledSelfAttention2d."""

    def __init__(  # noqa: PLR0913 - its four layers, a parameter and a number
        self,
        *,
        query: nn.Module,
        key: nn.Module,
        value: nn.Module,
        out: nn.Module,
        gamma: nn.Parameter,
        n_channels: int,
    ) -> None:
        super().__init__()
        self.query = query
        self.key = key
        self.value = value
        self.out = out
        self.gamma = gamma
        self.n_channels = n_channels

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width), both even, to the same."""
        height, width = x.shape[2:]
        narrow, wide = self.n_channels // 8, self.n_channels // 2
        n_pooled = height * width // 4
        query = self.query(x).view(-1, narrow, height * width)
        key = functional.max_pool2d(self.key(x), [2, 2]).view(-1, narrow, n_pooled)
        value = functional.max_pool2d(self.value(x), [2, 2]).view(-1, wide, n_pooled)
        weights = functional.softmax(torch.bmm(query.transpose(1, 2), key), -1)
        attended = torch.bmm(value, weights.transpose(1, 2)).view(-1, wide, height, width)
        mixed: Tensor = self.gamma * self.out(attended) + x
        return mixed


class SimpleSelfAttention(nn.Module):
    """Attention of an xresnet by one convolution: fastai.layers.SimpleSelfAttention."""

    def __init__(self, *, conv: nn.Conv1d, gamma: nn.Parameter, sym: bool, n_in: int) -> None:
        super().__init__()
        if sym:
            weight = conv.weight.view(n_in, n_in)
            conv.weight = nn.Parameter(((weight + weight.t()) / 2).view(n_in, n_in, 1))
        self.conv = conv
        self.gamma = gamma

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to the same."""
        size = x.size()
        places = x.view(*size[:2], -1)
        convolved = self.conv(places)
        products = torch.bmm(places, places.permute(0, 2, 1).contiguous())
        attended = self.gamma * torch.bmm(products, convolved) + places
        return attended.view(*size).contiguous()


class TimmBody(nn.Module):
    """A model of timm without its head: fastai.vision.learner.TimmBody."""

    def __init__(self, *, model: nn.Module, needs_pool: bool) -> None:
        super().__init__()
        self.needs_pool = needs_pool
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to the features."""
        features: Tensor = self.model.forward_features(x) if self.needs_pool else self.model(x)  # type: ignore[operator] # timm's models have it
        return features


class ChannelNorm(nn.Module):
    """Layer norm over channels: timm.models.convnext.LayerNorm2d of timm 0.5.

    If an image isn't contiguous in memory, its variance is that of a sample, which is larger.
    """

    def __init__(self, *, weight: nn.Parameter, bias: nn.Parameter, eps: float) -> None:
        super().__init__()
        self.weight = weight
        self.bias = bias
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to the same."""
        if x.is_contiguous():
            last = functional.layer_norm(
                x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, self.eps
            )
            return last.permute(0, 3, 1, 2)
        variance, mean = torch.var_mean(x, dim=1, keepdim=True)
        scaled = (x - mean) * torch.rsqrt(variance + self.eps)
        return scaled * self.weight[:, None, None] + self.bias[:, None, None]


class Residual(nn.Module):
    """A residual block: torchvision.models.resnet.BasicBlock, and Bottleneck with a third step."""

    def __init__(
        self, *, relu: nn.Module, downsample: nn.Module | None = None, **layers: nn.Module
    ) -> None:
        super().__init__()
        numbers = [number for number in (1, 2, 3) if f"conv{number}" in layers]
        self.steps = nn.ModuleList(
            nn.Sequential(layers[f"conv{number}"], layers[f"bn{number}"]) for number in numbers
        )
        self.relu = relu
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to another shape of this kind."""
        first, *others = self.steps
        out = first(x)
        for step in others:
            out = step(self.relu(out))
        out += x if self.downsample is None else self.downsample(x)
        activated: Tensor = self.relu(out)
        return activated


class ResNet(nn.Module):
    """A whole resnet with its own head: torchvision.models.resnet.ResNet."""

    def __init__(self, **layers: nn.Module) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            *(layers[name] for name in ("conv1", "bn1", "relu", "maxpool")),
            *(layers[f"layer{number}"] for number in (1, 2, 3, 4)),
            layers["avgpool"],
            nn.Flatten(1),
            layers["fc"],
        )

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to (n, n_outputs)."""
        outputs: Tensor = self.stages(x)
        return outputs


class EarlyResBlock(nn.Module):
    """A residual block of fastai 1's xresnet: fastai.vision.models.xresnet.ResBlock of its day."""

    def __init__(
        self, *, convs: nn.Module, idconv: nn.Module | None = None, pool: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.convs = convs
        self.pool = nn.Identity() if pool is None else pool
        self.idconv = nn.Identity() if idconv is None else idconv

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to another shape of this kind."""
        return functional.relu(self.convs(x) + self.idconv(self.pool(x)))


class WideBlock(nn.Module):
    """A residual block of fastai 1's wide resnet: fastai.vision.models.wrn.BasicBlock."""

    def __init__(
        self, *, bn: nn.Module, shortcut: nn.Module | None = None, **steps: nn.Module
    ) -> None:
        super().__init__()
        self.bn = bn
        self.shortcut = nn.Identity() if shortcut is None else shortcut
        names = (name for name in ("conv1", "drop", "conv2") if name in steps)
        self.steps = nn.Sequential(*(steps[name] for name in names))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to another shape of this kind."""
        activated = functional.relu(self.bn(x))
        changed: Tensor = self.steps(activated) * 0.2 + self.shortcut(activated)
        return changed


class ResLayer(nn.Module):
    """A residual layer of fastai 1's darknet: fastai.vision.models.darknet.ResLayer."""

    def __init__(self, *, conv1: nn.Module, conv2: nn.Module) -> None:
        super().__init__()
        self.steps = nn.Sequential(conv1, conv2)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to the same."""
        changed: Tensor = self.steps(x)
        return x + changed
