"""Photos that several processes read, and what they should look like."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from grader.images.decoding import decode_image
from grader.images.kept_pictures import Pixels
from grader.images.picture_steps import resize_image
from grader.results.answers import ListedImage
from grader.results.preprocessing import (
    CropOrPad,
    ImageStep,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
)

CROP = ResizeImage(
    size=(12, 9), method="crop", pad_mode="reflection", resample=2, skips_single_pixel=False
)
STEPS: tuple[ImageStep, ...] = (
    CROP,
    CropOrPad(size=(20, 31), pad_mode="zeros"),
    ResizeAndCrop(resized=(16, 16), size=(14, 14), resample=2),
    ResizeLongest(side_px=11, resample=2),
)


def plan(*steps: ImageStep) -> Preprocessing:
    """Steps on a colour picture, and nothing else."""
    return Preprocessing(
        mode="RGB", image_steps=steps, tensor_steps=(), batch_steps=(), left_out=()
    )


def draw_photos(folder: Path, n_photos: int) -> tuple[ListedImage, ...]:
    """Photos of noise, each of another size."""
    folder.mkdir(exist_ok=True)
    random = np.random.default_rng(n_photos)
    listed = []
    for number in range(n_photos):
        pixels = random.integers(0, 256, (20 + number, 33, 3), dtype=np.uint8)
        path = folder / f"{number}.jpg"
        Image.fromarray(pixels).save(path)
        listed.append(ListedImage(path=path, name=path.name, label="wren"))
    return tuple(listed)


def paths_of(images: Iterable[ListedImage]) -> list[Path]:
    """Where they are."""
    return [image.path for image in images]


def plain_picture(path: Path, preprocessing: Preprocessing) -> Pixels:
    """The pixels, made by the plain calls one after the other."""
    decoded = decode_image(path.read_bytes(), preprocessing, path=path)
    return np.array(resize_image(decoded, preprocessing))
