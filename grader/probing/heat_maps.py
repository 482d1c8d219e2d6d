"""Where a network looked for its answer: Grad-CAM, or occlusion where that has no meaning.

Grad-CAM is Selvaraju and others' (2017), on the last feature map. Occlusion is Zeiler and Fergus's
(2014): parts of the image are covered with its mean colour, one after another, and the answer's
logit drops most where the network had looked. Both are captum's.
"""

from typing import Protocol

import numpy as np
import torch
from captum.attr import LayerGradCam, Occlusion

from grader.engine.classifier import Network
from grader.engine.torch_network import TorchNetwork
from grader.probing.feature_maps import last_feature_map
from grader.results.explanations import HOTTEST, HeatMap

# Occlusion covers two sevenths of each side at a time, in steps of one seventh.
_N_STEPS = 7
_STEPS_COVERED = 2
# The most covered images that are in memory at once.
_N_AT_ONCE = 8


class HeatMaker(Protocol):
    """Makes the heat map of one prepared image, shape (1, n_channels, height, width)."""

    def __call__(self, batch: torch.Tensor, *, answer: int) -> HeatMap | None:
        """The map for an answer, a position among the outputs; None if nothing spoke for it."""


def heat_maker(network: Network, batch: torch.Tensor) -> HeatMaker:
    """What suits a network, found by running it on one prepared image."""
    if isinstance(network, TorchNetwork):
        layer = last_feature_map(network.module, batch)
        if layer is not None:
            return _GradCam(network.module, layer)
    return _Covering(network)


class _GradCam:
    def __init__(self, module: torch.nn.Module, layer: torch.nn.Module) -> None:
        self._module, self._layer = module, layer

    def __call__(self, batch: torch.Tensor, *, answer: int) -> HeatMap | None:
        with torch.inference_mode(mode=False), torch.enable_grad():
            made = LayerGradCam(self._module, self._layer).attribute(
                batch.clone().requires_grad_(), target=answer, relu_attributions=True
            )
        return _scaled(made.detach()[0, 0], method_is_grad_cam=True)


class _Covering:
    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, batch: torch.Tensor, *, answer: int) -> HeatMap | None:
        n_channels, height, width = batch.shape[1:]
        step = (max(1, height // _N_STEPS), max(1, width // _N_STEPS))
        with torch.no_grad():
            made = Occlusion(self._network.logits).attribute(
                batch,
                sliding_window_shapes=(n_channels, *(_STEPS_COVERED * one for one in step)),
                strides=(n_channels, *step),
                baselines=batch.mean(dim=(2, 3), keepdim=True).expand_as(batch),
                target=answer,
                perturbations_per_eval=_N_AT_ONCE,
            )
            drop = torch.nn.functional.adaptive_avg_pool2d(made.mean(dim=1), _N_STEPS)
        return _scaled(drop[0].clamp(min=0), method_is_grad_cam=False)


def _scaled(heat: torch.Tensor, *, method_is_grad_cam: bool) -> HeatMap | None:
    numbers = heat.to("cpu", torch.float64).numpy()
    hottest = float(numbers.max())
    if not np.isfinite(hottest) or hottest <= 0:
        return None
    rows = np.rint(HOTTEST * numbers / hottest).astype(int).tolist()
    return HeatMap(
        method="grad_cam" if method_is_grad_cam else "occlusion",
        heat=tuple(tuple(row) for row in rows),
    )
