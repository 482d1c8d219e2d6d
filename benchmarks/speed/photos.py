"""Draws photos that cost as much as real ones: 500x375 to 1200x900 pixels, 60 to 200 KB each."""

from pathlib import Path

import numpy as np
from PIL import Image

SIZES = ((500, 375), (640, 480), (800, 600), (1024, 768), (1200, 900))
CLASSES = ("chaffinch", "dunnock", "goldcrest", "nuthatch", "wren", "yellowhammer")
MOST_BYTES = 200_000
_QUALITY = 88


def draw_photos(folder: Path, n_photos: int, *, seed: int = 0) -> Path:
    """Draw so many photos into class folders, always the same ones; those that exist stay."""
    for number in range(n_photos):
        label = CLASSES[number % len(CLASSES)]
        path = folder / label / f"{number:05}.jpg"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _draw(path, np.random.default_rng((seed, number)), tint=number % len(CLASSES))
    return folder


def _draw(path: Path, random: np.random.Generator, *, tint: int) -> None:
    """One photo: soft shapes in the colour of its class, with as much grain as the size allows."""
    size = SIZES[random.integers(len(SIZES))]
    soft = random.integers(40, 216, (12, 16, 3), dtype=np.uint8)
    soft[..., tint % 3] //= 1 + tint // 3
    shapes = np.asarray(Image.fromarray(soft).resize(size, Image.Resampling.BICUBIC), np.float32)
    grain = random.standard_normal((size[1], size[0], 1), dtype=np.float32)
    scratch = path.with_suffix(".part")
    for strength in (12.0, 8.0, 5.0, 3.0, 2.0, 1.0):
        pixels = np.clip(shapes + strength * grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(scratch, "JPEG", quality=_QUALITY)
        if scratch.stat().st_size <= MOST_BYTES:
            break
    scratch.replace(path)
