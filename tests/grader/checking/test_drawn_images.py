from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from PIL import Image

from grader.checking.drawn_images import check_outputs
from grader.engine.classifier import Classifier
from grader.engine.torch_network import TorchNetwork
from grader.results.preprocessing import ResizeImage
from hidden_test_spec.spec import Limits
from tests.factories import make_model
from tests.grader.networks import PIXELS

SIDE_PX = 16


class Answering(torch.nn.Module):
    """Answers a batch with what a function makes of the mean of each image's channels."""

    def __init__(self, answer: Callable[[torch.Tensor], torch.Tensor], pool_px: int) -> None:
        super().__init__()
        self.answer = answer
        self.pool_px = pool_px

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Pool, then answer."""
        pooled = torch.nn.functional.max_pool2d(batch, self.pool_px)
        return self.answer(pooled.mean(dim=(2, 3)))


def classifier(
    answer: Callable[[torch.Tensor], torch.Tensor], *, side_px: int | None = SIDE_PX, pool_px: int
) -> Classifier:
    """A model of two classes whose images are resized to a square, or left as they are."""
    resize = ResizeImage(
        size=(side_px or 0, side_px or 0),
        method="squish",
        pad_mode="zeros",
        resample=Image.Resampling.BICUBIC,
        skips_single_pixel=False,
    )
    preprocessing = replace(PIXELS, image_steps=() if side_px is None else (resize,))
    network = TorchNetwork(Answering(answer, pool_px))
    return Classifier(info=make_model(), preprocessing=preprocessing, network=network)


def statuses(
    answer: Callable[[torch.Tensor], torch.Tensor],
    *,
    side_px: int | None = SIDE_PX,
    pool_px: int = 1,
) -> list[tuple[str, str]]:
    """Status and text of each item, under a spec that allows images of 8 x 8 pixels."""
    model = classifier(answer, side_px=side_px, pool_px=pool_px)
    items = check_outputs(model, Limits(min_side_px=8))
    assert {item.name for item in items} == {"outputs"}
    return [(item.status, item.said) for item in items]


def test_a_sound_network_gives_finite_outputs_for_every_drawn_image() -> None:
    """One line with both numbers."""
    assert statuses(lambda means: means[:, :2]) == [
        ("ok", "2 finite outputs for each of 3 drawn images of 320 x 240 pixels")
    ]


@pytest.mark.parametrize(
    "answer",
    [
        lambda means: means,
        lambda means: means[:, :1],
        lambda means: means[:, :2, None],
        lambda means: (means[:, :2],),
        lambda means: means[:, :2] / means[:, :1].round(),
        lambda means: means[:, :2] @ torch.zeros(3, 3),
    ],
    ids=["too wide", "too narrow", "a map", "a tuple", "infinite for black", "it fails"],
)
def test_a_network_that_would_be_refused_is_a_fault(
    answer: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    """Width, shape and finiteness are those that grading asks for."""
    ((status, _),) = statuses(answer)

    assert status == "fault"


def test_a_network_that_always_says_the_same_is_a_warning() -> None:
    """It can be graded, and somebody should look at it."""
    found = statuses(lambda means: torch.ones(len(means), 2))

    assert found[1] == ("warning", "it gives the same answer for black, white and noise images")


def test_a_softmax_at_the_end_is_a_warning() -> None:
    """The loss would be that of a model less sure than it is."""
    found = statuses(lambda means: means[:, :2].mul(means.new_tensor((1, -1))).softmax(dim=1))

    assert [status for status, _ in found] == ["ok", "warning"]
    assert "already probabilities" in found[1][1]


def test_a_network_that_leaves_photos_unequal_is_a_warning() -> None:
    """A test whose photos differ in shape would be refused; one of equal photos not."""
    found = statuses(lambda means: means[:, :2], side_px=None)

    assert [status for status, _ in found] == ["ok", "warning"]
    assert found[1][1].startswith("photos that differ in shape: ")


def test_a_network_that_needs_more_pixels_than_the_spec_allows_is_a_warning() -> None:
    """It would be refused if such a small image were in the test."""
    found = statuses(lambda means: means[:, :2], side_px=None, pool_px=9)

    assert found[-1][0] == "warning"
    assert found[-1][1].startswith("an image of 8 x 8 pixels: ")


def test_a_network_of_one_size_is_tried_at_it_with_a_warning() -> None:
    """Without telling the same of other sizes once more."""

    def flat(pooled: torch.Tensor) -> torch.Tensor:
        return pooled[:, :2]

    model = replace(classifier(flat, side_px=None, pool_px=28), sole_size=(28, 28))
    answered, warning = check_outputs(model, Limits(min_side_px=8))
    assert (answered.status, warning.status) == ("ok", "warning")
    assert "28 x 28 pixels" in answered.said
    assert "photos of 28 x 28 pixels only" in warning.said
    assert "item_tfms=Resize((28, 28))" in warning.advice
