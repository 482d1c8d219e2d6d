"""Laws of resizing: whatever the sizes, it gives what fastai gives."""

import numpy as np
import pytest
import torch
from fastai.vision.augment import CropPad, RandomResizedCrop, Resize
from fastai.vision.core import PILImage
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grader.images.picture_steps import resize_image
from grader.images.tensor_steps import resized_tensor
from grader.results.preprocessing import (
    CropOrPad,
    GridMode,
    ImageStep,
    PadMode,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeMethod,
    ResizeTensor,
    Size,
)
from hidden_test_spec.resizing import resizing_in_order

SIDES = st.integers(1, 90)
SIZES = st.tuples(SIDES, SIDES)
PAD_MODES: st.SearchStrategy[PadMode] = st.sampled_from(["zeros", "border", "reflection"])
METHODS: st.SearchStrategy[ResizeMethod] = st.sampled_from(["crop", "pad", "squish"])
GRID_MODES: st.SearchStrategy[GridMode] = st.sampled_from(["bilinear", "nearest", "bicubic"])


def noise(size: Size) -> Image.Image:
    """A picture of this width and height."""
    pixels = np.random.default_rng(size).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def by_grader(picture: Image.Image, step: ImageStep) -> Image.Image:
    """The picture after one step."""
    plan = Preprocessing(
        mode="RGB", image_steps=(step,), tensor_steps=(), batch_steps=(), left_out=()
    )
    return resize_image(picture, plan)


def by_fastai(picture: Image.Image, transform: object) -> Image.Image | None:
    """The picture after a transform on the validation side; None where PIL can't make one."""
    image = PILImage(picture.copy())
    with resizing_in_order():
        try:
            made: Image.Image = transform(image, split_idx=1)  # type: ignore[operator] # untyped
        except ValueError:
            return None
        return made


@given(size=SIZES, target=SIZES, method=METHODS, pad_mode=PAD_MODES)
def test_resizing_gives_what_fastai_gives(
    size: Size, target: Size, method: ResizeMethod, pad_mode: PadMode
) -> None:
    """Or fails as it fails, where a crop would have no pixel."""
    picture = noise(size)
    transform = Resize(target[::-1], method=method, pad_mode=pad_mode)
    step = ResizeImage(
        size=target, method=method, pad_mode=pad_mode, resample=2, skips_single_pixel=False
    )
    expected = by_fastai(picture, transform)
    if expected is None:
        with pytest.raises(ValueError, match="must be > 0"):
            by_grader(picture, step)
    else:
        assert by_grader(picture, step).tobytes() == expected.tobytes()


@given(size=SIZES, target=SIZES, pad_mode=PAD_MODES)
def test_cropping_or_padding_gives_what_fastai_gives(
    size: Size, target: Size, pad_mode: PadMode
) -> None:
    """Around the centre, which lies between pixels where a difference is odd."""
    picture = noise(size)
    expected = by_fastai(picture, CropPad(target[::-1], pad_mode=pad_mode))
    assert expected is not None
    found = by_grader(picture, CropOrPad(size=target, pad_mode=pad_mode))
    assert found.tobytes() == expected.tobytes()


@given(size=SIZES, target=SIZES, margin=st.integers(0, 4))
def test_a_margin_is_cut_as_fastai_cuts_it(size: Size, target: Size, margin: int) -> None:
    """The larger size is worked out when the export is read."""
    picture = noise(size)
    transform = RandomResizedCrop(target[::-1], val_xtra=margin / 10)
    expected = by_fastai(picture, transform)
    assert expected is not None
    width, height = transform.final_size
    step = ResizeAndCrop(resized=(width, height), size=target, resample=2)
    assert by_grader(picture, step).tobytes() == expected.tobytes()


@given(size=SIZES, target=SIZES, method=METHODS, mode=GRID_MODES)
def test_fastai_1_gives_the_size_that_was_asked_for(
    size: Size, target: Size, method: ResizeMethod, mode: GridMode
) -> None:
    """And a picture of one colour stays one, where nothing is padded with black."""
    step = ResizeTensor(size=target, method=method, pad_mode="border", mode=mode)
    found = resized_tensor(torch.full((1, 3, *size), 0.25), step)
    assert found.shape == (1, 3, *target)
    torch.testing.assert_close(found, torch.full_like(found, 0.25), atol=1e-5, rtol=0)
