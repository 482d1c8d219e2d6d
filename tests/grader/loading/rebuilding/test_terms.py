from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from grader.loading.rebuilding.terms import n_terms_of


class Summing(TorchDispatchMode):  # type: ignore[no-untyped-call] # torch leaves it untyped
    """Sums the terms of all operations inside the block."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()  # type: ignore[no-untyped-call] # as above
        self.n_terms = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Count the first result of an operation."""
        outputs = func(*args, **(kwargs or {}))
        first = outputs[0] if isinstance(outputs, (tuple, list)) else outputs
        if isinstance(first, torch.Tensor):
            self.n_terms += n_terms_of(func, args, first)
        return outputs


class Warp(nn.Module):
    """Samples each picture at a grid of its own size."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any picture to one of the same shape."""
        grid = x.new_empty((len(x), *x.shape[2:], 2))
        return functional.grid_sample(x, grid, mode="bicubic", align_corners=False)


# Layers on two pictures of 4 channels and 16 x 16 pixels, and their terms worked out by hand.
LAYERS = {
    "a convolution": (nn.Conv2d(4, 8, 3), 2 * 8 * 14 * 14 * 4 * 9),
    "one in groups": (nn.Conv2d(4, 8, 3, groups=2), 2 * 8 * 14 * 14 * 2 * 9),
    "a dilated one": (nn.Conv2d(4, 8, 3, dilation=4), 2 * 8 * 8 * 8 * 4 * 9),
    "a transposed one": (nn.ConvTranspose2d(4, 6, 5, stride=2), 2 * 4 * 16 * 16 * 6 * 25),
    "windows that overlap": (nn.AvgPool2d(9, stride=1), 2 * 4 * 8 * 8 * 81),
    "the largest of each window": (nn.MaxPool2d(9, stride=1), 2 * 4 * 8 * 8 * 81),
    "windows of a norm": (nn.LPPool2d(2, 9, stride=1), 2 * 4 * 8 * 8 * 81),
    "a mean of everything": (nn.AdaptiveAvgPool2d(1), 2 * 4 * 16 * 16),
    "a norm": (nn.GroupNorm(2, 4), 2 * 4 * 16 * 16),
    "a warp": (Warp(), 2 * 4 * 16 * 16 * 16),
    "a flattened product": (
        nn.Sequential(nn.Flatten(), nn.Linear(1024, 10)),
        2 * 1024 * 10,
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_an_estimate_is_within_a_factor_of_three(name: str) -> None:
    """Of the work that is known by hand, and usually equal to it."""
    layer, expected = LAYERS[name]
    with torch.no_grad(), Summing() as summed:
        layer.to("meta")(torch.empty(2, 4, 16, 16, device="meta"))
    assert expected / 3 <= summed.n_terms <= expected * 3


def test_a_view_takes_nothing() -> None:
    """However often a tensor is reshaped."""
    with Summing() as summed:
        torch.empty(9, device="meta").view(3, 3).t().unsqueeze(0).expand(5, 3, 3)
    assert summed.n_terms <= 9
