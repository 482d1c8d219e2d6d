"""Pictures of every mode and odd sizes, drawn, and what fastai makes of them."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from fastai.data.block import CategoryBlock, DataBlock
from fastai.data.core import DataLoaders
from fastai.learner import Learner, cloudpickle
from fastai.losses import CrossEntropyLossFlat
from fastai.vision.data import ImageBlock
from PIL import Image

from grader.images.decoding import decode_image
from grader.images.tensor_steps import prepare_batch, prepare_image
from grader.loading.inspecting import inspect_export
from grader.loading.learner.inspection import Finding
from grader.loading.transforms.fastai2 import read_preprocessing
from grader.results.preprocessing import Preprocessing
from hidden_test_spec.resizing import resizing_in_order

CPU = torch.device("cpu")
_SIZES = {"RGB": (61, 47), "L": (33, 80), "RGBA": (50, 50), "CMYK": (64, 48), "LA": (31, 90)}


def draw_pictures(folder: Path) -> tuple[Path, ...]:
    """A dozen pictures of noise, none like another."""
    folder.mkdir()
    random = np.random.default_rng(3)
    drawn: dict[str, Image.Image] = {}
    for mode, (width, height) in _SIZES.items():
        n_bands = len(Image.new(mode, (1, 1)).getbands())
        pixels = random.integers(0, 256, (height, width, n_bands), dtype=np.uint8)
        suffix = "tif" if mode == "CMYK" else "png"
        drawn[f"{mode}.{suffix}"] = Image.frombytes(mode, (width, height), pixels.tobytes())
    rgb = drawn["RGB.png"]
    deep = random.integers(0, 65536, (30, 44), dtype=np.uint16)
    drawn |= {
        "palette.png": rgb.resize((45, 60)).quantize(16),
        "deep.png": Image.fromarray(deep),
        "bits.png": rgb.resize((40, 41)).convert("1"),
        "tall.png": rgb.crop((3, 3, 4, 10)),
        "wide.png": rgb.crop((3, 3, 10, 4)),
        "photo.jpg": rgb.resize((203, 122), Image.Resampling.BICUBIC),
        "large.bmp": rgb.resize((333, 500)),
    }
    for name, picture in drawn.items():
        picture.save(folder / name)
    turned = rgb.getexif()
    turned[0x0112] = 6
    rgb.save(folder / "turned.jpg", exif=turned)
    return tuple(sorted(folder.iterdir()))


def loaders_of(
    paths: Sequence[Path], item_tfms: Any, batch_tfms: Any = None, **others: Any
) -> DataLoaders:
    """Data loaders of fastai over these pictures, which are training and validation at once.

    Args:
        paths: Of the pictures.
        item_tfms: Of one image.
        batch_tfms: Of a batch.
        others: In place of what the block has otherwise, such as `blocks` or `get_x`.
    """
    settings = {
        "blocks": (ImageBlock, CategoryBlock(vocab=["a"])),
        "get_items": list,
        "splitter": _all_twice,
        "get_y": _label,
    }
    block = DataBlock(**(settings | others), item_tfms=item_tfms, batch_tfms=batch_tfms)
    return block.dataloaders(paths, bs=2, num_workers=0)


def _all_twice(items: Sequence[Path]) -> tuple[list[int], list[int]]:
    return list(range(len(items))), list(range(len(items)))


def _label(_: Path) -> str:
    return "a"


def plan_of(
    loaders: DataLoaders, path: Path, *, pickler: ModuleType = cloudpickle
) -> tuple[Preprocessing | None, tuple[Finding, ...]]:
    """What the grader reads from an export of these loaders.

    Args:
        loaders: As `loaders_of` makes them.
        path: Where the export goes.
        pickler: What fastai writes it with.
    """
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(1, 1))
    learner = Learner(loaders, network, loss_func=CrossEntropyLossFlat())
    learner.export(path.resolve(), pickle_module=pickler)
    export = inspect_export(path).export
    assert export is not None
    return read_preprocessing(export)


def input_of_fastai(loaders: DataLoaders, paths: Sequence[Path]) -> torch.Tensor:
    """The network's input, as fastai makes it for new files."""
    loader = loaders.test_dl(list(paths), bs=len(paths), num_workers=0)
    with resizing_in_order():
        batch: torch.Tensor = loader.one_batch()[0].as_subclass(torch.Tensor)
    return batch


def read_picture(path: Path, preprocessing: Preprocessing) -> Image.Image:
    """The picture in a file, as the grader decodes it."""
    return decode_image(path.read_bytes(), preprocessing, path=path)


def input_of_grader(preprocessing: Preprocessing, paths: Sequence[Path]) -> torch.Tensor:
    """The network's input, as the grader makes it."""
    images = [read_picture(path, preprocessing) for path in paths]
    tensors = [prepare_image(image, preprocessing) for image in images]
    return prepare_batch(tensors, CPU, preprocessing)
