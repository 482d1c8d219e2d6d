"""How many numbers an operation of torch uses for one result, by its shapes alone."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import torch

_Count: TypeAlias = Callable[[tuple[Any, ...], torch.Tensor], int]


def n_terms_of(func: Any, args: tuple[Any, ...], output: torch.Tensor) -> int:
    """The numbers that go into a result, each counted as often as it is used.

    Args:
        func: The operation.
        args: What it was called with.
        output: One of its results, which may lack numbers.

    Returns:
        For a product those of all its sums, for a window those inside it, wherever it is laid; for
        any other operation those that it reads or writes, whichever are more. A view takes none.
    """
    if getattr(func, "is_view", False):
        return 0
    name = str(getattr(func, "overloadpacket", func)).removeprefix("aten.")
    return _TERMS.get(name, _read_or_written)(args, output)


def _read_or_written(args: tuple[Any, ...], output: torch.Tensor) -> int:
    read = [one.numel() for one in args if isinstance(one, torch.Tensor)]
    return max(output.numel(), *read) if read else output.numel()


def _of_convolution(args: tuple[Any, ...], output: torch.Tensor) -> int:
    """A kernel over its channels, for each output; a transposed one spreads each input instead."""
    *_, is_transposed, _, _ = args
    positions = args[0] if is_transposed else output
    n_terms: int = positions.numel() * args[1][0].numel()
    return n_terms


def _of_product(position: int) -> _Count:
    def terms(args: tuple[Any, ...], output: torch.Tensor) -> int:
        return output.numel() * int(args[position].shape[-1])

    return terms


def _of_attention(args: tuple[Any, ...], output: torch.Tensor) -> int:
    """The terms of two products: with all keys, and with all values."""
    return output.numel() * 2 * int(args[1].shape[-2])


def _of_window(n_dimensions: int) -> _Count:
    def terms(args: tuple[Any, ...], output: torch.Tensor) -> int:
        sides = tuple(args[1])
        sides = sides * n_dimensions if len(sides) == 1 else sides
        return output.numel() * int(math.prod(sides))

    return terms


def _of_neighbours(n_neighbours: int) -> _Count:
    return lambda _args, output: output.numel() * n_neighbours


_TERMS: Mapping[str, _Count] = MappingProxyType(
    {
        "convolution": _of_convolution,
        "mm": _of_product(0),
        "bmm": _of_product(0),
        "addmm": _of_product(1),
        "baddbmm": _of_product(1),
        "_scaled_dot_product_flash_attention_for_cpu": _of_attention,
        "_scaled_dot_product_fused_attention_overrideable": _of_attention,
        **{f"avg_pool{n}d": _of_window(n) for n in (1, 2, 3)},
        **{f"max_pool{n}d_with_indices": _of_window(n) for n in (2, 3)},
        "grid_sampler_2d": _of_neighbours(16),
        "upsample_bilinear2d": _of_neighbours(4),
        "upsample_bicubic2d": _of_neighbours(16),
    }
)
