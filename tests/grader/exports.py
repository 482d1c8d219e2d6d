"""Draws test folders and makes real fastai exports for them, some with planted answers."""

from collections.abc import Mapping
from pathlib import Path

import fastai.callback.progress
import fastai.callback.schedule  # noqa: F401 - both give a Learner its methods
import numpy as np
import torch
from fastai.data.transforms import Normalize
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import accuracy
from fastai.torch_core import set_seed
from fastai.vision.augment import RandomResizedCrop, Resize, aug_transforms
from fastai.vision.data import ImageDataLoaders
from fastai.vision.learner import vision_learner
from PIL import Image
from torchvision.models import resnet18

Colour = tuple[int, int, int]

# Each image is one colour; its class is the colour that a sound model sees in it.
COLOURS: Mapping[str, Mapping[str, Colour]] = {
    "blue": {"deep.png": (0, 0, 200), "sky.png": (90, 90, 220), "violet.png": (120, 0, 150)},
    "green": {"leaf.png": (0, 180, 0), "lime.png": (140, 200, 0), "olive.png": (110, 130, 0)},
    "red": {"brick.png": (160, 40, 30), "rose.png": (220, 120, 120), "wine.png": (120, 0, 60)},
}


def draw_colours(
    root: Path,
    colours: Mapping[str, Mapping[str, Colour]] = COLOURS,
    *,
    size: tuple[int, int] = (40, 30),
) -> Path:
    """Draw a test folder of plain colours, 40 x 30 pixels each or as large as is asked for."""
    for label, images in colours.items():
        (root / label).mkdir(parents=True)
        for name, colour in images.items():
            Image.new("RGB", size, colour).save(root / label / name)
    return root


def export_colour_model(
    path: Path, *, bias: tuple[float, float, float] = (0.0, 0.0, 0.0), vocab: str = "blue green red"
) -> Path:
    """Export a network whose logits are the mean of each channel plus a bias.

    Args:
        path: Where the .pkl goes; its folder also gets a few images to build the learner from.
        bias: Added to the logits of the first, second and third class.
        vocab: Names of the classes whose channels are blue, green and red.
    """
    names = vocab.split()
    images = path.with_suffix(".images")
    order = dict(zip(names, COLOURS, strict=True))
    draw_colours(images / "train", {name: COLOURS[order[name]] for name in names})
    loaders = ImageDataLoaders.from_folder(
        images, train="train", valid="train", item_tfms=Resize(16), bs=4, num_workers=0
    )
    linear = torch.nn.Linear(3, 3)
    channel_of = {"blue": 2, "green": 1, "red": 0}
    rows = [channel_of[order[name]] for name in loaders.vocab]
    with torch.no_grad():
        linear.weight.copy_(10 * torch.eye(3)[rows])
        linear.bias.copy_(torch.tensor(bias))
    network = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), linear)
    return export(Learner(loaders, network, loss_func=CrossEntropyLossFlat()), path)


def export_unresized(path: Path, *, size: tuple[int, int]) -> Path:
    """Export a network without a resizing, which takes images of one size (width, height) only."""
    images = draw_colours(path.with_suffix(".images"), size=size)
    loaders = ImageDataLoaders.from_folder(images, valid_pct=0.5, seed=1, bs=4, num_workers=0)
    set_seed(1, reproducible=True)
    network = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(3 * size[0] * size[1], len(loaders.vocab))
    )
    return export(Learner(loaders, network, loss_func=CrossEntropyLossFlat()), path)


def draw_noise(root: Path, *, n_per_class: int, seed: int) -> Path:
    """Draw random photos of three classes that differ in their colours, 50 x 60 pixels each."""
    random = np.random.default_rng(seed)
    for channel, label in enumerate(("cigüeña", "garza", "loro")):
        (root / label).mkdir(parents=True)
        for number in range(n_per_class):
            pixels = random.integers(0, 160, (60, 50, 3), dtype=np.uint8)
            pixels[..., channel] += np.uint8(random.integers(0, 90))
            Image.fromarray(pixels).save(root / label / f"{number}.png")
    return root


def export_resnet(path: Path) -> Path:
    """Train a small resnet18 for one epoch with the usual transforms, and export it."""
    images = path.with_suffix(".images")
    for part in ("train", "val"):
        draw_noise(images / part, n_per_class=6, seed=len(part))
    set_seed(7, reproducible=True)
    loaders = ImageDataLoaders.from_folder(
        images,
        train="train",
        valid="val",
        item_tfms=RandomResizedCrop(32, min_scale=0.5),
        batch_tfms=[*aug_transforms(), Normalize.from_stats([0.5] * 3, [0.25] * 3)],
        bs=6,
        num_workers=0,
    )
    learner = vision_learner(loaders, resnet18, pretrained=False, normalize=False, metrics=accuracy)
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(1)
    return export(learner, path)


def export(learner: Learner, path: Path) -> Path:
    """Write a learner to a path of its own choice."""
    learner.export(path.resolve())
    return path
