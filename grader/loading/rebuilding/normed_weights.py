"""Weights that torch's norms compute from other parameters before each pass, computed once."""

from collections.abc import Mapping

import torch

from grader.errors import LIBRARY_ERRORS, reason_of
from grader.loading.inert.nodes import Node
from grader.loading.inert.objects import attributes_of, class_of
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.refusal import RefusedExportError


def normed_weight(
    hook: Node, tensors: Mapping[str, torch.Tensor], *, where: str
) -> tuple[str, torch.Tensor, frozenset[str]]:
    """The weight that a spectral or weight norm gives in eval mode.

    Spectral norm (https://arxiv.org/abs/1802.05957) divides by the largest singular value as the
    vectors u and v from training estimate it; weight norm (https://arxiv.org/abs/1602.07868) gives
    each slice of v the length g.

    Args:
        hook: The record of the norm.
        tensors: The module's own tensors.
        where: The module, for a message.

    Returns:
        The weight's name, the weight, and the names of the tensors that it was computed from.

    Raises:
        RefusedExportError: If a tensor or a setting of the norm is missing or doesn't fit.
    """
    made = class_of(hook)
    try:
        settings = {key: plain_value(value) for key, value in attributes_of(hook).items()}
        name, dimension = settings["name"], settings["dim"]
        parts: tuple[str, ...]
        if made is not None and made.path.endswith("SpectralNorm"):
            parts = (f"{name}_orig", f"{name}_u", f"{name}_v")
            original, u, v = (tensors[part] for part in parts)
            weight = _spectral(original, u, v, dimension)
        else:
            parts = (f"{name}_v", f"{name}_g")
            direction, length = (tensors[part] for part in parts)
            weight = torch._weight_norm(direction, length, dimension)  # noqa: SLF001 - what torch's own hook calls
    except (NotPlainError, *LIBRARY_ERRORS) as error:
        what = f"the norm of a weight can't be worked out ({reason_of(error)})"
        raise RefusedExportError(what=what, where=where) from error
    return name, weight, frozenset(parts)


def _spectral(
    weight: torch.Tensor, u: torch.Tensor, v: torch.Tensor, dimension: int
) -> torch.Tensor:
    order = [dimension, *(other for other in range(weight.dim()) if other != dimension)]
    matrix = weight.permute(*order).reshape(weight.size(dimension), -1)
    return weight / torch.dot(u, torch.mv(matrix, v))
