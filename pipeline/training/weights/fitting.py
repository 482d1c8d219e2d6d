"""Weights of a whole network, fitted into the body that is cut from it: all of them, or none."""

from itertools import chain
from typing import Any

import timm
import torch
from fastai.vision.learner import create_body, model_meta

from hidden_test_spec.errors import quote_all
from pipeline.errors import WeightsError
from pipeline.training.weights.architectures import Architecture, Library, build_errors

_COUNTER = "num_batches_tracked"


def fit_body(
    architecture: Architecture, tensors: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """The state dict of an architecture's body, from the tensors of the whole network.

    What the body does not have, such as the old head, is left out.

    Args:
        architecture: What the body is cut from.
        tensors: The network's tensors, by their names in it.

    Returns:
        The same tensors, unchanged, by their names in the body.

    Raises:
        WeightsError: If a tensor of the body is missing, has another shape, or holds numbers that
            aren't finite.
        UsageError: If no body can be cut from the architecture.
    """
    # On the meta device, a network has shapes and names, and costs neither memory nor time.
    with build_errors(architecture), torch.device("meta"):
        places = _places(architecture)
    # Files from before batch counters existed lack them; training starts them at zero.
    available = {name: torch.zeros((), dtype=torch.long) for name in places if _COUNTER in name}
    available |= tensors
    misfits = [name for name in places if not _fits(available.get(name), places[name][1])]
    if misfits:
        raise WeightsError(
            architecture=architecture.name,
            reason=f"these tensors are missing or have another shape: {quote_all(misfits)}",
            remedy="use weights of exactly this architecture",
        )
    infinite = [name for name in places if not bool(torch.isfinite(available[name]).all())]
    if infinite:
        raise WeightsError(
            architecture=architecture.name,
            reason=f"these tensors hold NaN or infinite numbers: {quote_all(infinite)}",
            remedy="use weights from a training run that succeeded",
        )
    return {body_name: available[name] for name, (body_name, _) in places.items()}


def _fits(tensor: torch.Tensor | None, wanted: torch.Tensor) -> bool:
    return tensor is not None and tensor.shape == wanted.shape


def _places(architecture: Architecture) -> dict[str, tuple[str, torch.Tensor]]:
    """By a tensor's name in the whole network: its name in the body, and a tensor of its shape."""
    if architecture.library is Library.TIMM:
        network = timm.create_model(architecture.name, num_classes=0)
        return {name: (name, tensor) for name, tensor in network.state_dict().items()}
    network = architecture.function(weights=None, **dict(architecture.options))
    cut = model_meta.get(architecture.function, {}).get("cut")
    body = dict(_tensors(create_body(architecture.cuttable(network), cut=cut)))
    names = {id(tensor): name for name, tensor in body.items()}
    return {
        name: (names[id(tensor)], tensor)
        for name, tensor in _tensors(network)
        if id(tensor) in names
    }


def _tensors(network: Any) -> Any:
    return chain(network.named_parameters(), network.named_buffers())
