"""Pictures that perceptual hashes can tell apart, and copies of them."""

from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, *, side_px: int = 96) -> Image.Image:
    """A smooth picture in colour that is like no other seed's."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side_px, side_px), Image.Resampling.BICUBIC)


def save(image: Image.Image, path: Path) -> Path:
    """Write a picture, and the folder that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path
