"""What a network gets to see: a batch of training images after their augmentations, as values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BRIGHTEST = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPreview:
    """Images of one training batch with their labels.

    Attributes:
        images: Shape (n_images, height, width, 3), in [0, 1], rows from the top, channels in the
            order red, green, blue; read-only.
        labels: One name for each image, in their order.
    """

    images: NDArray[np.float32]
    labels: tuple[str, ...]


def preview_batch(learner: Any, *, n_images: int) -> BatchPreview:
    """The first images of a batch as the network will get them, before they are normalised."""
    loader = learner.dls.train
    pairs = loader.decode_batch(loader.one_batch(), max_n=n_images)
    images = np.stack([_pixels(image) for image, *_ in pairs])
    images.setflags(write=False)
    return BatchPreview(images=images, labels=tuple(str(label) for _, label, *_ in pairs))


def _pixels(image: Any) -> NDArray[np.float32]:
    """A decoded image, which fastai returns in whole numbers up to 255, with its channels last."""
    pixels = np.asarray(image.cpu(), dtype=np.float32).transpose(1, 2, 0)
    return pixels / np.float32(_BRIGHTEST)
