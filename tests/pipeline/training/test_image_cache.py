"""Images decoded once."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.vision.core import PILImage
from PIL import Image

from pipeline.training import image_cache
from pipeline.training.image_cache import Photos, Ready, images_in_memory, shrink
from tests.pipeline.drawing import silent
from tests.pipeline.training.learning import small_learner, small_settings


@pytest.fixture
def learner(tmp_path: Path) -> Any:
    """Images of 40 x 40 pixels, for a network of 32."""
    return small_learner(tmp_path, small_settings())


def validated(learner: Any) -> list[float]:
    """Loss and accuracy on val."""
    with learner.no_bar(), learner.no_logging():
        return list(learner.validate())


def test_a_loss_from_memory_is_the_loss_from_files(learner: Any) -> None:
    """Val is kept as the loader made it."""
    from_files = validated(learner)
    with images_in_memory(learner, image_size_px=32, report=silent):
        assert validated(learner) == from_files


def test_images_of_val_that_do_not_fit_are_decoded_each_time(
    learner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of four is kept, and the loss is the same."""
    from_files = validated(learner)
    one, _ = Ready(learner.dls.valid)[0]
    few = partial(Ready, most_bytes=one.nbytes * 2 - 1)
    assert few(learner.dls.valid).n_kept == 1
    monkeypatch.setattr(image_cache, "Ready", few)
    with images_in_memory(learner, image_size_px=32, report=silent):
        list(learner.dls.train)
        assert validated(learner) == from_files


def test_files_are_read_once(learner: Any) -> None:
    """After one epoch they could be removed."""
    with images_in_memory(learner, image_size_px=32, report=silent):
        n_batches = len(list(learner.dls.train))
        for path in learner.dls.path.glob("*/*/*"):
            path.unlink()
        assert len(list(learner.dls.train)) == n_batches == 3
        assert len(list(learner.dls.valid)) == 1


def test_training_images_are_still_augmented(learner: Any) -> None:
    """Two passes over the same images differ."""
    with images_in_memory(learner, image_size_px=32, report=silent):
        ordered = learner.dls.train.new(shuffle=False, bs=12)
        first, second = ordered.one_batch()[0], ordered.one_batch()[0]
    assert not torch.equal(first, second)


def test_the_plain_loaders_come_back(learner: Any) -> None:
    """An export holds them, not ours."""
    plain = list(learner.dls.loaders)
    with images_in_memory(learner, image_size_px=32, report=silent):
        assert learner.dls.loaders[0] is not plain[0]
    assert learner.dls.loaders == plain


@pytest.mark.parametrize(
    ("size", "expected"), [((400, 100), (400, 100)), ((800, 400), (200, 100)), ((90, 50), (90, 50))]
)
def test_only_images_that_are_far_larger_are_shrunk(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """The shorter side decides; proportions stay."""
    assert shrink(PILImage(Image.new("RGB", size)), side_px=100).size == expected


def test_what_does_not_fit_is_decoded_each_time() -> None:
    """The first image fills the available memory."""
    images = [(PILImage(Image.new("RGB", (10, 10))), 0) for _ in range(2)]
    reads: list[int] = []

    class Counted:
        """Notes which image was asked for."""

        def __len__(self) -> int:
            return len(images)

        def __getitem__(self, index: int) -> tuple[Any, Any]:
            reads.append(index)
            return images[index]

    photos = Photos(Counted(), side_px=100, most_bytes=300)
    for index in (0, 1, 0, 1):
        assert photos[index][0].size == (10, 10)
    assert reads == [0, 1, 1]
