"""Draws the photos of a corpus: PNG, so that no decoder matters, with noise and texture.

Two photos of a class share a colour and a texture; size, orientation and noise differ. Flat colours
would hide how a photo was resized.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Width by height in px: portrait, landscape and square, larger and smaller than a network's input.
SIZES = ((331, 467), (467, 331), (256, 256), (180, 270), (640, 360), (90, 61))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoSet:
    """A folder of photos, one folder in it for each class.

    Attributes:
        name: The folder.
        classes: The folders in it.
        sizes: Width by height of the photos in px, in turn.
        mode: Pillow's, RGB or L.
    """

    name: str
    classes: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...] = SIZES
    mode: str = "RGB"


_DIGITS = tuple(str(digit) for digit in range(10))
_SMALL, _TINY = ((28, 28),), ((32, 32),)

# The test photos that patterns are answered on, by the folder that the index names.
SETS = (
    PhotoSet(name="images", classes=("bird", "cat", "dog")),
    PhotoSet(name="images_is_cat", classes=("False", "True")),
    PhotoSet(name="images_forest", classes=("bird", "forest")),
    PhotoSet(name="images_numbers", classes=("0", "1", "2")),
    PhotoSet(name="images_bears", classes=("black", "grizzly", "teddy")),
    PhotoSet(name="images_breeds", classes=("Abyssinian", "Birman", "beagle", "pug")),
    PhotoSet(name="images_imagenette", classes=("n01440764", "n02102040", "n03000684")),
    PhotoSet(name="images_3_and_7", classes=("3", "7"), sizes=_SMALL, mode="L"),
    PhotoSet(name="images_digits", classes=_DIGITS, sizes=_SMALL, mode="L"),
    PhotoSet(name="images_32", classes=("bird", "cat", "dog"), sizes=_TINY),
)


def draw_tests(out: Path, *, n_per_class: int = 4) -> None:
    """The test photos of every set, as `OUT/SET/CLASS/CLASS_1.png` and so on."""
    for photo_set in SETS:
        for label in photo_set.classes:
            folder = out / photo_set.name / label
            _draw(photo_set, label, [folder / f"{label}_{n}.png" for n in range(n_per_class)])


def draw_ground(out: Path, *, n_per_class: int = 4) -> None:
    """Other photos of every set to train on, in `train` and `valid`, and once more side by side."""
    for photo_set in SETS:
        for label in photo_set.classes:
            names = [f"{label}_{100 + n}.png" for n in range(n_per_class)]
            ground = out / photo_set.name
            parts = ["valid" if n % 4 == 3 else "train" for n in range(n_per_class)]
            paths = [ground / p / label / name for p, name in zip(parts, names, strict=True)]
            _draw(photo_set, label, [*paths, *(ground / "all" / name for name in names)])


def _draw(photo_set: PhotoSet, label: str, paths: Iterable[Path]) -> None:
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        turn = number + photo_set.classes.index(label)
        size = photo_set.sizes[turn % len(photo_set.sizes)]
        pixels = _photo(label, path.name, size)
        Image.fromarray(pixels).convert(photo_set.mode).save(path)


def _photo(label: str, name: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Waves in the class's colour and direction, one bright disc, and noise; shape (h, w, 3)."""
    of_class = np.random.default_rng(zlib.crc32(label.encode()))
    of_photo = np.random.default_rng(zlib.crc32(f"{label}/{name}".encode()))
    width, height = size
    y, x = np.mgrid[0:height, 0:width] / max(size)
    waves = np.zeros((height, width))
    for _ in range(3):
        across, down = of_class.uniform(-60, 60, 2) + of_photo.normal(0, 4, 2)
        waves += np.sin(across * x + down * y + of_photo.uniform(0, 6.3))
    centre_x, centre_y = of_photo.uniform(0.2, 0.8, 2) * size / max(size)
    disc = (x - centre_x) ** 2 + (y - centre_y) ** 2 < 0.02
    colours = of_class.uniform(40, 215, 3) + of_photo.normal(0, 12, 3)
    photo = colours + 22 * waves[..., None] + 50 * disc[..., None]
    photo += of_photo.normal(0, 14, (height, width, 3))
    pixels: NDArray[np.uint8] = np.clip(photo, 0, 255).astype(np.uint8)
    return pixels
