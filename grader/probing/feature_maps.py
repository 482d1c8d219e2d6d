"""The module of a network that makes its last feature map: what Grad-CAM looks at."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import torch

_MAP_DIMENSIONS = 4
_TOKEN_DIMENSIONS = 3
# A map with fewer places on a side is too coarse to show where a network looked.
_LEAST_PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Output:
    """What a module returned, in the order in which modules ended."""

    module: torch.nn.Module
    shape: tuple[int, ...]


def last_feature_map(network: torch.nn.Module, batch: torch.Tensor) -> torch.nn.Module | None:
    """The module with the last output that is a map fine enough to show something.

    Args:
        network: In eval mode; it is run once.
        batch: One prepared image.

    Returns:
        The module; None for networks that go on with tokens, or whose channels come last, for which
        Grad-CAM has no meaning, and where every map is too coarse.
    """
    outputs = _outputs(network, batch)
    maps = [number for number, one in enumerate(outputs) if _is_feature_map(one.shape)]
    if not maps or any(_is_tokens(one.shape) for one in outputs[maps[-1] :]):
        return None
    return outputs[maps[-1]].module


def _outputs(network: torch.nn.Module, batch: torch.Tensor) -> list[_Output]:
    found: list[_Output] = []

    def noting(module: torch.nn.Module) -> Callable[..., None]:
        def note(_module: torch.nn.Module, _inputs: object, output: object) -> None:
            if isinstance(output, torch.Tensor):
                found.append(_Output(module=module, shape=tuple(output.shape)))

        return note

    with ExitStack() as stack, torch.inference_mode():
        for module in network.modules():
            handle = module.register_forward_hook(noting(module))
            stack.callback(handle.remove)
        network(batch)
    return found


def _is_feature_map(shape: tuple[int, ...]) -> bool:
    """Whether this is (1, channels, rows, columns), with enough rows and columns."""
    if len(shape) != _MAP_DIMENSIONS or min(shape[2:]) < _LEAST_PLACES:
        return False
    return shape[1] >= max(shape[2:])


def _is_tokens(shape: tuple[int, ...]) -> bool:
    """Whether this is (1, tokens, channels), or has its channels last."""
    if len(shape) == _TOKEN_DIMENSIONS:
        return shape[1] > 1
    return len(shape) == _MAP_DIMENSIONS and shape[3] > max(shape[1:3]) > 1
