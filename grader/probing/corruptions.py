"""What telephones, and those who hold them, do to photos, mildly: a picture in, a picture out.

Strengths are parts of a photo's sides, so that they mean the same at every size. Noise is drawn
from the seed and the photo's hash, so that every model gets the same.
"""

import io
import math
from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from hidden_test_spec.pictures import open_picture
from hidden_test_spec.rules import Corruption

SEED = 0
_BLUR = 0.008  # of the shorter side, as the deviation of a Gaussian
_JPEG_QUALITY = 25
_DARK, _BRIGHT = 0.6, 1.5  # factors of the brightness
_NOISE = 0.05  # of the largest value, as the deviation of a Gaussian
_DEGREES = 7.0
_KEPT_IN_CROP = 0.8  # of each side, around the middle
_LEAST_KEPT = 0.25  # of each side, however long or small a photo is

_LARGEST = 255


def corrupted(image: Image.Image, corruption: Corruption, *, sha256: str) -> Image.Image:
    """A picture after one corruption, in the same mode.

    Args:
        image: As it was decoded.
        corruption: What to do.
        sha256: Of the photo's file, in hexadecimal.
    """
    if corruption == "noise":
        return _noisy(image, np.random.default_rng([SEED, int(sha256[:16], 16)]))
    return _DONE[corruption](image)


def _noisy(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    pixels = np.asarray(image).astype(np.float32)
    pixels += rng.normal(scale=_NOISE * _LARGEST, size=pixels.shape).astype(np.float32)
    return Image.fromarray(np.rint(pixels.clip(0, _LARGEST)).astype(np.uint8))


def _blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius=max(0.5, _BLUR * min(image.size))))


def _recompressed(image: Image.Image) -> Image.Image:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=_JPEG_QUALITY)
    with open_picture(written, formats=("JPEG",)) as opened:
        return opened.convert(image.mode)


def _lit(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(factor)


def _rotated(image: Image.Image) -> Image.Image:
    """Turned around its middle, and cut so that nothing from outside the photo shows."""
    turned = image.rotate(_DEGREES, resample=Image.Resampling.BICUBIC)
    angle = math.radians(_DEGREES)
    ratio = max(image.size) / min(image.size)
    kept = 1 / (math.cos(angle) + ratio * math.sin(angle)) - 2 / min(image.size)
    return _middle(turned, max(kept, _LEAST_KEPT))


def _middle(image: Image.Image, share: float) -> Image.Image:
    """The middle at the size of the whole: a network may take photos of one size only."""
    width, height = (share * side for side in image.size)
    left, top = (image.width - width) / 2, (image.height - height) / 2
    box = (left, top, left + width, top + height)
    return image.resize(image.size, Image.Resampling.BICUBIC, box=box)


_DONE: MappingProxyType[Corruption, Callable[[Image.Image], Image.Image]] = MappingProxyType(
    {
        "blur": _blurred,
        "jpeg": _recompressed,
        "dark": lambda image: _lit(image, _DARK),
        "bright": lambda image: _lit(image, _BRIGHT),
        "rotation": _rotated,
        "crop": lambda image: _middle(image, _KEPT_IN_CROP),
        "mirror": ImageOps.mirror,
    }
)
