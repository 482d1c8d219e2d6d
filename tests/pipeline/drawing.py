"""Drawn images in class folders: colours tell the classes apart, noise tells images apart."""

from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"blue": (40, 60, 220), "green": (30, 200, 60), "red": (220, 40, 40)}


def draw_image(path: Path, *, colour: tuple[int, int, int], seed: int, side_px: int = 40) -> Path:
    """Write one image: a colour with noise on it."""
    noise = np.random.default_rng(seed).integers(-40, 40, (side_px, side_px, 3))
    pixels = np.clip(np.array(colour) + noise, 0, 255).astype("uint8")
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def draw_classes(root: Path, *, per_class: int = 8, names: tuple[str, ...] = ()) -> Path:
    """Write a folder of class folders; without names, one for each colour."""
    palette = list(COLOURS.values())
    for position, name in enumerate(names or COLOURS):
        for number in range(per_class):
            path = root / name / f"{name} {number}.png"
            draw_image(path, colour=palette[position % 3], seed=1000 * position + number)
    return root


def draw_dataset(root: Path) -> Path:
    """Write a divided data set: two classes, six images to learn from and two to choose by."""
    for part, numbers in {"train": range(6), "val": range(6, 8), "test": range(8, 9)}.items():
        for position, (name, colour) in enumerate(list(COLOURS.items())[:2]):
            for number in numbers:
                path = root / part / name / f"{number}.png"
                draw_image(path, colour=colour, seed=100 * position + number)
    return root


def silent(line: str) -> None:
    """Listen to progress, and do nothing."""
    del line
