import pytest
import torch
from fastai import layers
from fastai.vision.models.xresnet import xresnet18
from torch import nn
from torchvision.models import resnet
from torchvision.models.resnet import BasicBlock, Bottleneck

from tests.grader.loading.modules import assert_equal

BLOCKS = {
    "concat pool": (layers.AdaptiveConcatPool2d(2), (2, 3, 8, 8)),
    "concat pool of rows": (layers.AdaptiveConcatPool1d(), (2, 3, 8)),
    "flatten": (layers.Flatten(), (2, 3, 4)),
    "flatten to one": (layers.Flatten(full=True), (2, 3, 4)),
    "identity": (layers.Identity(), (2, 3)),
    "resize batch": (layers.ResizeBatch(2, 6), (2, 12)),
    "sigmoid range": (layers.SigmoidRange(-1, 4), (2, 3)),
    "old mish": (layers.MishJit(), (2, 3)),
    "old swish": (layers.SwishJit(), (2, 3)),
    "convolution": (layers.ConvLayer(3, 4), (2, 3, 8, 8)),
    "linear": (layers.LinBnDrop(4, 3, p=0.5, act=nn.ReLU()), (2, 4)),
    "pool and flatten": (layers.PoolFlatten(), (2, 3, 4, 4)),
    "simple cnn": (layers.SimpleCNN([3, 8, 8]), (2, 3, 16, 16)),
    "residual": (layers.ResBlock(1, 4, 8, stride=2), (2, 4, 8, 8)),
    "squeeze and excite": (layers.ResBlock(4, 4, 4, reduction=4), (2, 16, 8, 8)),
    "merging": (
        layers.SequentialEx(nn.Conv2d(3, 3, 3, padding=1), layers.MergeLayer()),
        (2, 3, 8, 8),
    ),
    "dense merging": (layers.SequentialEx(nn.ReLU(), layers.MergeLayer(dense=True)), (2, 3, 8, 8)),
    "basic block": (BasicBlock(4, 4), (2, 4, 8, 8)),
    "basic block with a shortcut": (
        BasicBlock(4, 8, stride=2, downsample=nn.Conv2d(4, 8, 1, stride=2)),
        (2, 4, 8, 8),
    ),
    "bottleneck": (Bottleneck(16, 4), (2, 16, 8, 8)),
    "wide bottleneck": (Bottleneck(16, 4, groups=2, base_width=64), (2, 16, 8, 8)),
    "whole resnet": (resnet.resnet18(num_classes=3), (2, 3, 64, 64)),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_equals_its_library_s_own_to_the_bit(name: str) -> None:
    """Made from nothing but settings, children and numbers."""
    torch.manual_seed(4)
    block, shape = BLOCKS[name]
    assert_equal(block, *shape)


ATTENTION = {
    "attention": (layers.SelfAttention(16), (2, 16, 4, 4)),
    "pooled attention": (layers.PooledSelfAttention2d(16), (2, 16, 4, 4)),
    "simple attention": (layers.SimpleSelfAttention(16), (2, 16, 4, 4)),
    "symmetric attention": (xresnet18(n_out=3, sa=True, sym=True), (2, 3, 64, 64)),
}


@pytest.mark.parametrize("name", ATTENTION)
def test_attention_equals_fastai_s_own(name: str) -> None:
    """With a weight on it, since a new one has none; the norm of the weights is worked out."""
    block, shape = ATTENTION[name]
    with torch.no_grad():
        for parameter_name, parameter in block.named_parameters():
            if parameter_name.endswith("gamma"):
                parameter.fill_(0.3)
    assert_equal(block, *shape)
