"""The part of a photo that a network sees, for every way of making photos one size."""

from dataclasses import astuple, replace

import pytest

from grader.probing.regions import region_of
from grader.results.preprocessing import (
    CropAndSample,
    ImageStep,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeMethod,
    Standardize,
)
from tests.grader.networks import PIXELS


def resized(method: ResizeMethod) -> ResizeImage:
    """A step that makes photos 64 x 64."""
    return ResizeImage(
        size=(64, 64), method=method, pad_mode="zeros", resample=2, skips_single_pixel=False
    )


def edges_of(size: tuple[int, int], steps: Preprocessing) -> tuple[float, ...]:
    """Left, top, right and bottom of the region."""
    return astuple(region_of(size, steps))


@pytest.mark.parametrize(
    ("step", "region"),
    [
        (resized("squish"), (0, 0, 1, 1)),
        (resized("crop"), (0.25, 0, 0.75, 1)),
        (resized("pad"), (0, -0.5, 1, 1.5)),
        (
            ResizeAndCrop(resized=(80, 80), size=(64, 64), resample=2),
            (0.1, 0.1, 0.9, 0.9),
        ),
    ],
)
def test_the_region_is_what_the_step_keeps(step: ImageStep, region: tuple[float, ...]) -> None:
    """Of a photo twice as wide as it is high; padding lies beyond its edges."""
    assert edges_of((400, 200), replace(PIXELS, image_steps=(step,))) == pytest.approx(
        region, abs=0.03
    )


def test_steps_on_tensors_count_and_steps_on_values_do_not() -> None:
    """A central crop of a batch, and a normalisation that would make places negative."""
    crop = CropAndSample(size=(32, 32), ratios=(0.75, 1.33), scale=0.5, mode="bilinear")
    steps = replace(
        PIXELS, batch_steps=(crop, Standardize(mean=(0.5, 0.5, 0.5), std=(0.2, 0.2, 0.2)))
    )
    assert edges_of((100, 100), steps) == pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.03)


def test_a_greyscale_network_sees_the_same_part() -> None:
    """Places need colours, so they are told in colour."""
    steps = replace(PIXELS, mode="L", image_steps=(resized("crop"),))
    assert edges_of((200, 400), steps) == pytest.approx((0, 0.25, 1, 0.75), abs=0.03)
