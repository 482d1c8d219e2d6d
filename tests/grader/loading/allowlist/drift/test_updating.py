"""Modules as older versions of timm stored them answer as they did, or aren't rebuilt."""

from collections import OrderedDict
from dataclasses import replace
from typing import Any

import pytest
import timm
import torch
from timm.layers.classifier import ClassifierHead
from timm.layers.norm_act import BatchNormAct2d
from timm.models._efficientnet_blocks import DepthwiseSeparableConv
from timm.models.byobnet import BasicBlock
from timm.models.hrnet import HighResolutionModule
from timm.models.levit import Attention
from timm.models.regnet import Bottleneck
from torch import nn

from grader.loading.allowlist.drift.updating import changed_classes, home_of, up_to_date
from grader.loading.allowlist.module_checks import drift_findings
from grader.loading.learner.inspection import ModuleRecord
from grader.loading.rebuilding.blocks import TimmBody
from grader.loading.rebuilding.rebuild import rebuild_model
from tests.grader.loading.modules import noise, saved, with_statistics


def today(module: nn.Module) -> nn.Module:
    """A module rebuilt from its file, after it was brought up to date."""
    model, graph = saved(module)
    return rebuild_model(up_to_date(model), graph)


def answer(module: nn.Module, *shape: int) -> torch.Tensor:
    """What a module in eval mode gives for noise."""
    with torch.no_grad():
        outputs: torch.Tensor = module(noise(*shape))
    return outputs


def split(norm: BatchNormAct2d) -> tuple[nn.BatchNorm2d, nn.Module]:
    """The norm and the activation that were two modules before timm 0.6."""
    plain = nn.BatchNorm2d(norm.num_features, eps=norm.eps)
    plain.load_state_dict(norm.state_dict())
    return plain.eval(), nn.Sequential(norm.drop, norm.act)


def as_in_timm_05(block: Any) -> None:
    """Give a block the names of timm 0.5, and nothing that came later."""
    block.bn1, block.act1 = split(block.bn1)
    block.bn2, block.act2 = split(block.bn2)
    block.has_residual = block.__dict__.pop("has_skip")
    block.drop_path_rate = 0.2
    for name in ("conv_s2d", "bn_s2d", "aa", "drop_path", "se"):
        if hasattr(block, name):
            delattr(block, name)
    block.se = None


def renamed(record: ModuleRecord, class_path: str) -> ModuleRecord:
    """The record as one of another class."""
    return replace(record, class_path=class_path)


def test_the_activations_of_an_old_efficientnet_run() -> None:
    """Today they are part of the norm before them; left aside, every answer would be wrong."""
    block = with_statistics(DepthwiseSeparableConv(4, 4, act_layer=nn.SiLU))
    expected = answer(block, 2, 4, 8, 8)
    as_in_timm_05(block)
    assert torch.equal(answer(today(block), 2, 4, 8, 8), expected)


def test_a_record_of_today_stays_as_it_is() -> None:
    """No row replaces what an export has."""
    block = with_statistics(DepthwiseSeparableConv(4, 4, act_layer=nn.SiLU))
    assert torch.equal(answer(today(block), 2, 4, 8, 8), answer(block, 2, 4, 8, 8))


def test_an_attribute_that_no_row_supplies_is_no_default_of_today() -> None:
    """The default may have changed, so the network fails instead of guessing."""
    block = with_statistics(DepthwiseSeparableConv(4, 4))
    del block.has_skip
    with pytest.raises(AttributeError, match="has_skip"):
        answer(today(block), 2, 4, 8, 8)


def test_an_old_shortcut_without_a_child_adds_its_input() -> None:
    """Before timm 0.6, a regnet had None where it has an Identity today; None leaves it out."""
    block: Any = with_statistics(Bottleneck(8, 8, group_size=4))
    expected = answer(block, 2, 8, 4, 4)
    del block.downsample
    block.downsample = None
    model, graph = saved(block)
    children = {name: child for name, child in model.children if child is not None}
    first = renamed(children["conv1"], "timm.models.layers.conv_bn_act.ConvBnAct")
    old = replace(model, children=tuple({**children, "conv1": first}.items()))
    assert torch.equal(answer(rebuild_model(up_to_date(old), graph), 2, 8, 4, 4), expected)
    assert not torch.equal(answer(today(block), 2, 8, 4, 4), expected)


def test_a_child_that_was_skipped_becomes_an_identity() -> None:
    """In an old hrnet a branch had None where it is taken over as it is."""
    module: Any = with_statistics(
        HighResolutionModule(2, _small_block(), (1, 1), [4, 8], (4, 8), "SUM")
    )
    images = [noise(2, 4, 8, 8), noise(2, 8, 4, 4)]
    with torch.no_grad():
        expected = module([one.clone() for one in images])
    for number, row in enumerate(module.fuse_layers):
        row.register_module(str(number), None)
    with torch.no_grad():
        found = today(module)([one.clone() for one in images])
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def _small_block() -> type[nn.Module]:
    from timm.models.resnet import BasicBlock as Residual  # noqa: PLC0415 - a namesake

    return Residual


def test_a_filled_cache_begins_empty() -> None:
    """A LeViT keeps biases that it looked up; an export may hold them, or lack the cache."""
    for cache in ({"cpu": torch.ones(2)}, None):
        attention: Any = Attention(8, 4, resolution=(2, 2), act_layer=nn.Hardswish)
        with_statistics(attention)
        expected = answer(attention, 2, 4, 8)
        if cache is None:
            del attention.attention_bias_cache
        else:
            attention.attention_bias_cache = cache
        assert torch.equal(answer(today(attention), 2, 4, 8), expected)


def test_an_old_head_without_its_dropout_answers() -> None:
    """It was a number once and is a child today; neither acts in a grade."""
    head: Any = with_statistics(ClassifierHead(4, 3))
    expected = answer(head, 2, 4, 5, 5)
    del head.drop
    assert torch.equal(answer(today(head), 2, 4, 5, 5), expected)


def test_a_class_that_moved_its_attention_is_refused() -> None:
    """No record tells in which order it ran."""
    model, _ = saved(nn.Sequential(BasicBlock(4, 4)))
    assert changed_classes(model) == {}
    (_, block), *_ = model.children
    assert block is not None
    attention = renamed(model, "timm.layers.squeeze_excite.SEModule")
    children = {**dict(block.children), "attn_last": attention}
    attending = replace(block, children=tuple(children.items()))
    (finding,) = drift_findings(replace(model, children=(("0", attending),)))
    assert (finding.severity, finding.where) == ("refusal", "model, 0")
    assert "moved the attention" in finding.what


def test_classes_that_only_ran_children_do_so() -> None:
    """Convolution, norm and, in the old inception, a rectifier that was no child."""
    layers: Any = nn.Sequential(OrderedDict(bn=nn.BatchNorm2d(4), conv=nn.Conv2d(3, 4, 3)))
    with_statistics(layers)
    model, graph = saved(layers)
    old = renamed(model, "timm.models.inception_v3.BasicConv2d")
    expected = answer(nn.Sequential(layers.conv, layers.bn, nn.ReLU()), 2, 3, 8, 8)
    assert torch.equal(answer(rebuild_model(up_to_date(old), graph), 2, 3, 8, 8), expected)


def test_a_class_that_also_has_another_child_is_left_as_it_is() -> None:
    """The row doesn't know what that child did."""
    model, _ = saved(nn.Sequential(OrderedDict(conv=nn.Conv2d(3, 4, 3), mixer=nn.ReLU())))
    old = renamed(model, "timm.models.inception_v3.BasicConv2d")
    assert up_to_date(old).class_path == "timm.models.inception_v3.BasicConv2d"


def test_features_that_were_pooled_still_are() -> None:
    """A body of timm 0.5 gave what its head makes of the features: one pixel."""
    network: Any = with_statistics(timm.create_model("mobilenetv3_small_050", num_classes=0))
    expected = answer(network, 2, 3, 32, 32)
    del network.grad_checkpointing
    model, graph = saved(TimmBody(model=network, needs_pool=True))
    body = renamed(model, "fastai.vision.learner.TimmBody")
    found = answer(rebuild_model(up_to_date(body), graph), 2, 3, 32, 32)
    assert torch.equal(found, expected[:, :, None, None])


def test_old_names_of_classes_are_those_of_today() -> None:
    """The most exact row counts; what is in no row stays."""
    assert home_of("timm.models.layers.drop.DropPath") == "timm.layers.drop.DropPath"
    assert home_of("timm.models.rexnet.ReXNetV1") == "timm.models.rexnet.RexNet"
    assert home_of("torch.nn.modules.conv.Conv2d") == "torch.nn.modules.conv.Conv2d"
