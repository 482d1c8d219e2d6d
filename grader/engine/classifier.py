"""A model that can be graded: what it is, what it does to an image, and its network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.results.models import ModelInfo

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A loaded model. Its three functions do what the export did on the validation side.

    Attributes:
        info: Path, hash, architecture and vocab.
        module: The network, in eval mode; batches of images in, logits (n, n_outputs) out.
        read_image: Decodes a file; raises UnreadableImageError where it can't be decoded.
        prepare_image: A decoded image to a tensor of shape (n_channels, height, width).
        prepare_batch: Prepared images of equal shape to the network's input on a device.
    """

    info: ModelInfo
    module: "torch.nn.Module"
    read_image: Callable[[Path], Any]
    prepare_image: Callable[[Any], "torch.Tensor"]
    prepare_batch: Callable[[Sequence["torch.Tensor"], "torch.device"], "torch.Tensor"]
