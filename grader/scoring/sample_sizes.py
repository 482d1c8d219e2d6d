"""What images are worth that show the same photo: fewer than their number.

Copies of a photo are answered alike, so they tell little more than the photo alone. An interval
that counts each as an image of its own is too narrow (Miller 2024). Here they are taken to be
answered exactly alike. Then n images in groups of m1, m2, ... are worth n² / (m1² + m2² + ...)
(Kish 1965), whatever the model, and every interval and test is the one of that many images with the
same shares (Korn and Graubard 1998). Where copies are sometimes answered differently, it is a
little too wide.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the images of a test set were drawn.

    Attributes:
        targets: Class index of each scored image, shape (n_scored,).
        photos: A number for each, the same for those that show one photo.
    """

    targets: NDArray[np.intp]
    photos: NDArray[np.intp]

    @property
    def weight(self) -> float:
        """What one of the images is worth on average, in (0, 1]."""
        return image_weight(self.photos)


def effective_number(photos: NDArray[np.intp]) -> float:
    """How many images these are worth.

    Args:
        photos: A number for each image, the same for those that show one photo; at least one image.

    Example:
        >>> effective_number(np.array([0, 1, 1])), effective_number(np.array([0, 1, 2]))
        (1.8, 3.0)
    """
    sizes = np.unique(photos, return_counts=True)[1]
    return float(len(photos) ** 2 / (sizes.astype(np.float64) ** 2).sum())


def image_weight(photos: NDArray[np.intp]) -> float:
    """What one of these images is worth on average, in (0, 1]; 1 if there are none."""
    return effective_number(photos) / len(photos) if len(photos) else 1.0


def independent(targets: NDArray[np.intp]) -> Sampling:
    """Images that all show photos of their own."""
    return Sampling(targets=targets, photos=np.arange(len(targets), dtype=np.intp))
