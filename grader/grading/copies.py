"""Which images of a test set show the same photo."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grader.results.report import ImageRecord


def photo_numbers(images: Sequence[ImageRecord]) -> NDArray[np.intp]:
    """A number for each image, the same for those that show one photo."""
    numbers: dict[str, int] = {}
    return np.array(
        [numbers.setdefault(image.same_photo_as or image.name, len(numbers)) for image in images],
        dtype=np.intp,
    )
