"""fastai's data loaders for a data set, built only from fastai's own functions.

The images are passed as a list, so that training sees exactly the files that were checked.
"""

import os
from typing import Any, Final

import torch
from fastai.data.block import CategoryBlock, DataBlock
from fastai.data.transforms import IndexSplitter, Normalize, parent_label
from fastai.vision.augment import RandomResizedCrop, aug_transforms
from fastai.vision.data import ImageBlock
from PIL import Image

from hidden_test_spec.pictures import start_no_program_for_pictures
from hidden_test_spec.sidecar import Normalisation
from pipeline.splitting.dataset import Dataset
from pipeline.training.settings import TrainingSettings

NO_NORMALISATION: Final = Normalisation(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))

_MOST_WORKERS = 8
_RESAMPLES = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def make_loaders(
    dataset: Dataset,
    settings: TrainingSettings,
    normalisation: Normalisation,
    device: torch.device,
) -> Any:
    """Loaders of train and val, with random crops and fastai's augmentation of batches.

    A batch is never larger than the train set, and a last batch that would be smaller is dropped:
    batch normalisation fails on a batch of one image.

    Returns:
        fastai's DataLoaders.
    """
    start_no_program_for_pictures()  # fastai opens photos by itself
    images = [*dataset.train, *dataset.val]
    recipe = settings.recipe.images
    crop = RandomResizedCrop(
        settings.image_size_px,
        min_scale=recipe.min_scale,
        resamples=(_RESAMPLES[recipe.resample], Image.Resampling.NEAREST),
    )
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock(vocab=list(dataset.vocab), sort=False)),
        splitter=IndexSplitter(list(range(len(dataset.train), len(images)))),
        get_y=parent_label,
        item_tfms=crop,
        batch_tfms=[
            *aug_transforms(do_flip=settings.flips),
            *_normalise(normalisation, device),
        ],
    )
    return block.dataloaders(
        images,
        path=dataset.root,
        bs=min(settings.batch_size, len(dataset.train)),
        num_workers=count_workers(settings.n_workers, device),
        device=device,
    )


def count_workers(wanted: int | None, device: torch.device) -> int:
    """How many processes load images.

    On a CPU the network needs all cores: on two, one process was as fast as three. On a GPU, one
    core is left for the process that trains.
    """
    if wanted is not None:
        return wanted
    n_cores = os.cpu_count() or 1
    return 0 if device.type == "cpu" else min(n_cores - 1, _MOST_WORKERS)


def _normalise(normalisation: Normalisation, device: torch.device) -> list[Any]:
    if normalisation == NO_NORMALISATION:
        return []
    statistics = list(normalisation.mean), list(normalisation.std)
    # Tensors on the CPU: fastai's default moves them to a GPU if it finds one.
    return [Normalize.from_stats(*statistics, cuda=device.type == "cuda")]
