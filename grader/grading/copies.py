"""Which images of a test set are the same file, so that none is counted as an image of its own.

Only copies of the same bytes count here. `grader spec audit` finds copies that were resized or
saved again, for people to look at.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import TestImage
from grader.results.report import ImageRecord


def same_photos(images: Sequence[TestImage]) -> dict[int, str]:
    """For the position of each copy the name of the first image that is the same file."""
    first: dict[str, str] = {}
    return {
        position: name
        for position, image in enumerate(images)
        if (name := first.setdefault(image.sha256, image.name)) != image.name
    }


def photo_numbers(images: Sequence[ImageRecord]) -> NDArray[np.intp]:
    """A number for each image, the same for those that show one photo."""
    numbers: dict[str, int] = {}
    return np.array(
        [numbers.setdefault(image.same_photo_as or image.name, len(numbers)) for image in images],
        dtype=np.intp,
    )
