"""A model that can be graded, as a value: what it is, what it does to an image, and its network."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import torch

from grader.results.models import ModelInfo
from grader.results.preprocessing import Preprocessing, Size


class Network(Protocol):
    """Anything that answers a batch of images: a torch module, a session, another process.

    Nothing that it returns is trusted.
    """

    def logits(self, batch: torch.Tensor) -> object:
        """Answers to a batch.

        Args:
            batch: Single precision, shape (n_images, n_channels, height, width), on the device.

        Returns:
            What should be a tensor of shape (n_images, n_classes), unnormalised, in vocab order.
        """

    def on(self, device: torch.device) -> AbstractContextManager[None]:
        """Keep the network on a device, in eval mode, inside the block."""

    def in_float64(self, device: torch.device) -> AbstractContextManager["Network"]:
        """The same network in double precision on a device, inside a block of `on`.

        Afterwards it is in single precision again, exactly as before.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A loaded model. It does what the export does on the validation side.

    Attributes:
        info: Path, hash, architecture and vocab.
        preprocessing: What happens to a photo before the network. Where two models have the same,
            they can share prepared images.
        network: Prepared images in, logits out.
        sole_size: Width and height of the only photos that it takes; None if it takes any size, as
            far as it was tried.
    """

    info: ModelInfo
    preprocessing: Preprocessing
    network: Network
    sole_size: Size | None = None
