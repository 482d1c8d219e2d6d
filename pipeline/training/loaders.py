"""fastai's data loaders for a data set, made of fastai's own functions only.

The images are handed over as a list, so that training sees exactly the files that were checked.
"""

from typing import Any

import torch
from fastai.data.block import CategoryBlock, DataBlock
from fastai.data.transforms import IndexSplitter, Normalize, parent_label
from fastai.vision.augment import RandomResizedCrop, aug_transforms
from fastai.vision.data import ImageBlock

from hidden_test_spec.sidecar import Normalisation
from pipeline.dataset import Dataset
from pipeline.training.settings import TrainingSettings

MIN_SCALE = 0.5


def make_loaders(
    dataset: Dataset,
    settings: TrainingSettings,
    normalisation: Normalisation,
    device: torch.device,
) -> Any:
    """Loaders of train and val with the source document's transforms.

    A batch is never larger than the train set, and a last batch that would be smaller is dropped:
    batch normalisation fails on a batch of one image.

    Returns:
        fastai's DataLoaders. They load in this process, so that one seed gives one order.
    """
    images = [*dataset.train, *dataset.val]
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock(vocab=list(dataset.vocab), sort=False)),
        splitter=IndexSplitter(list(range(len(dataset.train), len(images)))),
        get_y=parent_label,
        item_tfms=RandomResizedCrop(settings.image_size_px, min_scale=MIN_SCALE),
        batch_tfms=[
            *aug_transforms(do_flip=settings.flips),
            # Tensors on the CPU: fastai's default moves them to a GPU wherever it finds one.
            Normalize.from_stats(*_statistics(normalisation), cuda=device.type == "cuda"),
        ],
    )
    return block.dataloaders(
        images,
        path=dataset.root,
        bs=min(settings.batch_size, len(dataset.train)),
        num_workers=0,
        device=device,
    )


def _statistics(normalisation: Normalisation) -> tuple[list[float], list[float]]:
    return list(normalisation.mean), list(normalisation.std)
