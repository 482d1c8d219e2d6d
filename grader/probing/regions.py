"""Which part of a photo a network gets to see, whatever its export does to photos.

Photos in which every pixel says where it lies go the same way as the photo itself; the numbers that
arrive tell the rest. Nothing about the steps has to be known.
"""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from grader.images.tensor_steps import prepare_batch, prepare_image
from grader.results.explanations import Region
from grader.results.preprocessing import Preprocessing, Standardize, TensorStep, ToFloat

WHOLE = Region(left=0.0, top=0.0, right=1.0, bottom=1.0)
_LARGEST = 255.0
# How far from its middle the network's input is read, and only along its middle lines: no step has
# padded anything there.
_REACH = 0.125
# Eight bits can't tell places apart more finely.
_N_DIGITS = 2


def region_of(size: tuple[int, int], preprocessing: Preprocessing) -> Region:
    """The part of a photo that the network gets.

    Args:
        size: Width and height of the photo.
        preprocessing: What the export does to it.
    """
    steps = replace(
        preprocessing,
        mode="RGB",
        tensor_steps=_geometric(preprocessing.tensor_steps),
        batch_steps=_geometric(preprocessing.batch_steps),
    )
    places = _places_arriving(_photo_of_places(size), steps)
    n_rows, n_columns = places.shape[1:]
    left, right = _edges(places[0, n_rows // 2])
    top, bottom = _edges(places[1, :, n_columns // 2])
    return Region(left=left, top=top, right=right, bottom=bottom)


def _geometric(steps: tuple[TensorStep, ...]) -> tuple[TensorStep, ...]:
    """The steps that move pixels, without those that change their values."""
    return tuple(one for one in steps if not isinstance(one, Standardize | ToFloat))


def _photo_of_places(size: tuple[int, int]) -> Image.Image:
    """A photo whose red grows from left to right and whose green grows from top to bottom."""
    width, height = size
    places = np.zeros((height, width, 3), dtype=np.uint8)
    places[..., 0] = np.round((np.arange(width) + 0.5) / width * _LARGEST)[None, :]
    places[..., 1] = np.round((np.arange(height) + 0.5) / height * _LARGEST)[:, None]
    return Image.fromarray(places)


def _places_arriving(photo: Image.Image, steps: Preprocessing) -> NDArray[np.float64]:
    """What arrives of it, shape (3, height, width), as shares of the photo's sides."""
    tensor = prepare_image(photo, steps).float()
    arrived = prepare_batch([tensor], torch.device("cpu"), steps)[0]
    places: NDArray[np.float64] = arrived.numpy().astype(np.float64) / _LARGEST
    return places


def _edges(places: NDArray[np.float64]) -> tuple[float, float]:
    """Where the first and the last pixel of a line end, from what its middle says."""
    n_pixels = len(places)
    first, last = (round((0.5 + reach) * (n_pixels - 1)) for reach in (-_REACH, _REACH))
    if first == last:
        return 0.0, 1.0
    per_pixel = float(places[last] - places[first]) / (last - first)
    start = float(places[first]) - (first + 0.5) * per_pixel
    return round(start, _N_DIGITS), round(start + n_pixels * per_pixel, _N_DIGITS)
