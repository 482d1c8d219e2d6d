"""One export of each family, trained for a moment: the network's size matters here, not its skill.

`python -m benchmarks.speed.exports NAME PHOTOS PATH`, since each is made in a process of its own.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import fastai.callback.progress
import fastai.callback.schedule  # noqa: F401 - both give a Learner its methods
import torch
from fastai.metrics import accuracy
from fastai.torch_core import set_seed
from fastai.vision.augment import Resize, aug_transforms
from fastai.vision.data import ImageDataLoaders
from fastai.vision.learner import vision_learner
from torchvision.models import resnet18, resnext50_32x4d

ARCHITECTURES: MappingProxyType[str, Callable[..., Any] | str] = MappingProxyType(
    {
        "resnet18": resnet18,
        "tf_efficientnet_lite0": "tf_efficientnet_lite0",
        "resnext50_32x4d": resnext50_32x4d,
    }
)
_SIDE_PX = 224


def make_export(name: str, photos: Path, path: Path) -> None:
    """Train a head for one epoch on a few photos, as a notebook does, and export the learner."""
    set_seed(3, reproducible=True)
    loaders = ImageDataLoaders.from_folder(
        photos,
        valid_pct=0.25,
        seed=3,
        item_tfms=Resize(_SIDE_PX),
        batch_tfms=aug_transforms(),
        bs=8,
        num_workers=0,
    )
    learner = vision_learner(loaders, ARCHITECTURES[name], pretrained=False, metrics=accuracy)
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(1)
    learner.dls.num_workers = 0
    torch.manual_seed(0)
    learner.export(path.resolve())


if __name__ == "__main__":
    make_export(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
