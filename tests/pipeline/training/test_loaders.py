"""fastai's loaders for a data set."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.data.transforms import Normalize
from fastai.vision.augment import Flip, RandomResizedCrop
from PIL import Image

from hidden_test_spec.sidecar import Normalisation
from pipeline.splitting.dataset import Dataset, read_dataset
from pipeline.training.loaders import NO_NORMALISATION, count_workers, make_loaders
from pipeline.training.recipes import read_recipe
from pipeline.training.settings import TrainingSettings
from tests.pipeline.drawing import draw_dataset, silent

STATISTICS = Normalisation(mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6))
SETTINGS = TrainingSettings(recipe=read_recipe("document"), image_size_px=32)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Two classes, twelve images to learn from and four to choose by."""
    return read_dataset(draw_dataset(tmp_path), silent)


def loaders_of(dataset: Dataset, settings: TrainingSettings = SETTINGS) -> Any:
    """Loaders on the CPU."""
    return make_loaders(dataset, settings, STATISTICS, torch.device("cpu"))


def transform_of(loaders: Any, kind: type) -> list[Any]:
    """The transforms of one type, of items and of batches."""
    found = [*loaders.train.after_item.fs, *loaders.train.after_batch.fs]
    return [transform for transform in found if isinstance(transform, kind)]


def test_the_parts_are_the_data_sets(dataset: Dataset) -> None:
    """Train and val hold the checked files in their order, labelled by their folders."""
    loaders = loaders_of(dataset)
    assert tuple(loaders.train_ds.items) == dataset.train
    assert tuple(loaders.valid_ds.items) == dataset.val
    labels = [loaders.vocab[int(target)] for _, target in loaders.valid_ds]
    assert labels == [path.parent.name for path in dataset.val]


def test_the_vocab_is_the_sorted_class_folders(dataset: Dataset) -> None:
    """It maps indices to names."""
    assert tuple(loaders_of(dataset).vocab) == ("blue", "green")


def test_the_crop_is_the_documents(dataset: Dataset) -> None:
    """RandomResizedCrop to the asked size, with at least half the image."""
    (crop,) = transform_of(loaders_of(dataset), RandomResizedCrop)
    assert (tuple(crop.size), crop.min_scale) == ((32, 32), 0.5)


@pytest.mark.parametrize(("flips", "n_transforms"), [(True, 1), (False, 0)])
def test_images_are_mirrored_only_if_wanted(
    dataset: Dataset, n_transforms: int, *, flips: bool
) -> None:
    """Without mirroring, digits stay readable."""
    loaders = loaders_of(dataset, replace(SETTINGS, flips=flips))
    assert len(transform_of(loaders, Flip)) == n_transforms


def test_batches_are_normalised_as_asked(dataset: Dataset) -> None:
    """A batch of val with its normalisation undone by hand is in [0, 1] again."""
    batch, _ = loaders_of(dataset).valid.one_batch()
    mean, std = (
        torch.tensor(values).view(1, 3, 1, 1) for values in (STATISTICS.mean, STATISTICS.std)
    )
    pixels = batch.as_subclass(torch.Tensor) * std + mean
    assert pixels.min() >= -1e-6
    assert pixels.max() <= 1 + 1e-6
    assert batch.min() < 0


@pytest.mark.parametrize(("asked", "used", "n_batches"), [(64, 12, 1), (5, 5, 2)])
def test_a_batch_is_never_larger_than_the_train_set(
    dataset: Dataset, asked: int, used: int, n_batches: int
) -> None:
    """A smaller last batch is dropped: batch normalisation fails on one image."""
    train = loaders_of(dataset, replace(SETTINGS, batch_size=asked)).train
    sizes = [len(targets) for _, targets in train]
    assert sizes == [used] * n_batches


def test_files_that_are_not_listed_are_not_loaded(dataset: Dataset) -> None:
    """An image that appears after the check is not part of training."""
    os.link(dataset.train[0], dataset.train[0].with_name("later.png"))
    assert len(loaders_of(dataset).train_ds) == 12


@pytest.mark.parametrize(
    ("recipe", "resample"),
    [("document", Image.Resampling.BILINEAR), ("best", Image.Resampling.BICUBIC)],
)
def test_images_are_resized_as_the_recipe_says(
    dataset: Dataset, recipe: str, resample: Image.Resampling
) -> None:
    """The document keeps fastai's default."""
    loaders = loaders_of(dataset, replace(SETTINGS, recipe=read_recipe(recipe)))
    (crop,) = transform_of(loaders, RandomResizedCrop)
    assert crop.mode == resample


def test_images_that_are_not_to_be_normalised_are_left_alone(dataset: Dataset) -> None:
    """So does fastai with architectures that its table lacks."""
    loaders = make_loaders(dataset, SETTINGS, NO_NORMALISATION, torch.device("cpu"))
    assert transform_of(loaders, Normalize) == []


@pytest.mark.parametrize(
    ("wanted", "device", "expected"),
    [(None, "cpu", 0), (None, "cuda", 7), (3, "cpu", 3), (0, "cuda", 0)],
)
def test_processes_that_load_images_suit_the_device(
    monkeypatch: pytest.MonkeyPatch, wanted: int | None, device: str, expected: int
) -> None:
    """On eight cores: one is left to the process that feeds a GPU."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert count_workers(wanted, torch.device(device)) == expected
