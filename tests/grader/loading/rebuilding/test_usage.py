"""A network that leaves a part of the export aside is not the network that was trained."""

import pytest
import timm
import torch
from torch import nn

from grader.loading.rebuilding.blocks import TimmBody
from grader.loading.rebuilding.cost import check_cost
from grader.loading.refusal import RefusedExportError

SHAPE = (3, 32, 32)


class Planted(nn.Module):
    """A small classifier with room for parts that it doesn't use."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape (n, 3, height, width) to (n, 2)."""
        return self.head(self.norm(self.conv(x)))  # type: ignore[no-any-return] # torch leaves it untyped


def test_a_network_that_uses_all_its_parts_passes() -> None:
    """Dropout needn't run in a grade, and nothing reads how many batches were seen."""
    check_cost(Planted().eval(), SHAPE, n_classes=2)


def test_an_activation_that_never_runs_refuses_the_export() -> None:
    """An older version of its class called it."""
    network = Planted()
    network.act = nn.ReLU()
    with pytest.raises(RefusedExportError, match=r'no effect here: "act"'):
        check_cost(network.eval(), SHAPE, n_classes=2)


def test_a_whole_branch_that_never_runs_refuses_the_export() -> None:
    """The branch and its numbers are named; its containers aren't."""
    network = Planted()
    network.branch = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
    with pytest.raises(
        RefusedExportError, match=r'"branch\.0\.bias", "branch\.0\.weight", "branch\.1"'
    ):
        check_cost(network.eval(), SHAPE, n_classes=2)


@pytest.mark.parametrize("is_buffer", [False, True])
def test_numbers_that_nothing_reads_refuse_the_export(*, is_buffer: bool) -> None:
    """An older version of the class multiplied by them, perhaps."""
    network = Planted()
    numbers = torch.ones(4)
    if is_buffer:
        network.register_buffer("scale", numbers)
    else:
        network.scale = nn.Parameter(numbers)
    with pytest.raises(RefusedExportError, match='no effect here: "scale"'):
        check_cost(network.eval(), SHAPE, n_classes=2)


def test_numbers_are_read_where_no_module_runs() -> None:
    """Attention reads the numbers of its last layer without running it."""

    class Attending(nn.Module):
        """Attention between the rows of an image."""

        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(32, 4, batch_first=True)
            self.head = nn.Linear(32, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """Shape (n, 3, 32, 32) to (n, 2)."""
            rows = x.mean(1)
            attended, _ = self.attention(rows, rows, rows)
            return self.head(attended.mean(1))  # type: ignore[no-any-return] # torch leaves it untyped

    check_cost(Attending().eval(), SHAPE, n_classes=2)


def test_the_softmax_of_a_fused_attention_is_no_fault() -> None:
    """A swin keeps the module that it ran before torch had the whole attention as one function."""
    network = Planted()
    network.softmax = nn.Softmax(dim=-1)
    with pytest.raises(RefusedExportError, match='no effect here: "softmax"'):
        check_cost(network.eval(), SHAPE, n_classes=2)
    vars(network)["fused_attn"] = True
    check_cost(network.eval(), SHAPE, n_classes=2)


def test_angles_whose_embedding_is_stored_are_no_fault() -> None:
    """An EVA keeps them for images of another size."""
    with torch.device("meta"):
        network = timm.create_model("eva02_tiny_patch14_224", img_size=28, depth=1, num_classes=2)
    check_cost(network.eval(), (3, 28, 28), n_classes=2)


def test_the_head_that_fastai_leaves_aside_is_no_fault() -> None:
    """Fastai's body takes the features of a model of timm, and not what comes after them."""
    model = timm.create_model("mobilenetv3_small_050", num_classes=0)
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(288, 2))
    network = nn.Sequential(TimmBody(model=model, needs_pool=True), *head).eval()
    assert any(name.startswith("conv_head") for name, _ in model.named_parameters())
    check_cost(network, SHAPE, n_classes=2)


def test_a_part_of_such_a_model_that_its_head_leaves_aside_too_refuses_the_export() -> None:
    """Neither the features nor the head need it."""
    model = timm.create_model("mobilenetv3_small_050", num_classes=0)
    model.get_submodule("blocks.0.0").add_module("act1", nn.ReLU())
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(288, 2))
    network = nn.Sequential(TimmBody(model=model, needs_pool=True), *head).eval()
    with pytest.raises(RefusedExportError, match=r"blocks\.0\.0\.act1"):
        check_cost(network, SHAPE, n_classes=2)
