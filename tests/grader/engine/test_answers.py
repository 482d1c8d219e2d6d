"""One model's answers on all images: every image by itself, and all outputs finite."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.engine.answers import ENOUGH_BAD_OUTPUTS, Run, n_elements_of, run_all
from grader.engine.classifier import Classifier
from grader.errors import ModelRefusedError
from grader.images.sharing import Pictures
from grader.results.preprocessing import Standardize
from tests.grader.networks import (
    PIXELS,
    Colours,
    Constant,
    classifier_of,
    copies_of,
    images_of,
    read_images,
)

CPU = torch.device("cpu")


def run_of(classifier: Classifier, *, batch_size: int = 8) -> Run:
    """The classifier on this machine's CPU."""
    return Run(classifier=classifier, pictures=Pictures(), device=CPU, batch_size=batch_size)


def test_unreadable_images_are_noted_and_the_rest_is_run(
    colour_folder: Path, tmp_path: Path
) -> None:
    """A page named .jpg costs only its own row."""
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    images = (*images_of(colour_folder)[:2], *read_images(page), *images_of(colour_folder)[2:])

    outputs = run_all(run_of(classifier_of(Colours()), batch_size=4), images, lambda _n: None)

    assert outputs.positions.tolist() == [0, 1, 3, 4, 5, 6, 7, 8, 9]
    assert [position for position, _ in outputs.unreadable] == [2]
    assert "cannot identify" in outputs.unreadable[0][1]


def test_where_no_image_can_be_read_nothing_is_run(tmp_path: Path) -> None:
    """There are no rows, and no image tells how large they are."""
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    images = read_images(page)
    run = run_of(classifier_of(Colours()))

    outputs = run_all(run, images, lambda _n: None)

    assert outputs.logits.shape == (0, 3)
    assert n_elements_of(run.classifier, images, run.pictures, CPU) == 0


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_outputs_that_are_not_finite_are_refused(colour_folder: Path, bad: float) -> None:
    """The message says for how many images of how many."""
    network = Constant([1.0, bad, 0.0])
    with pytest.raises(ModelRefusedError, match="NaN or infinite for 9 of 9 images\n"):
        run_all(run_of(classifier_of(network)), images_of(colour_folder), lambda _n: None)


def test_images_with_finite_outputs_are_not_counted_among_the_bad(colour_folder: Path) -> None:
    """Of nine images, six are not red."""

    class OnlyRed(Colours):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            rows = super().forward(batch)
            return torch.where(rows.argmax(dim=1, keepdim=True) == 2, rows, float("nan"))

    with pytest.raises(ModelRefusedError, match="NaN or infinite for 6 of 9 images\n"):
        run_all(run_of(classifier_of(OnlyRed())), images_of(colour_folder), lambda _n: None)


def test_a_long_run_stops_when_enough_outputs_are_bad(colour_folder: Path) -> None:
    """After 104 of 1000 images, in batches of eight."""
    network = Constant([float("nan")] * 3)
    images = copies_of(images_of(colour_folder)[0], 1000)
    with pytest.raises(
        ModelRefusedError, match="for 104 of 104 images; the run stopped there, of 1000\n"
    ):
        run_all(run_of(classifier_of(network)), images, lambda _n: None)
    assert ENOUGH_BAD_OUTPUTS <= network.n_seen == 104


def test_transforms_that_fail_are_named_with_their_image(colour_folder: Path) -> None:
    """The model is refused."""
    four_channels = Standardize(mean=(0.5,) * 4, std=(0.5,) * 4)
    preprocessing = replace(PIXELS, tensor_steps=(*PIXELS.tensor_steps, four_channels))
    run = run_of(replace(classifier_of(Colours()), preprocessing=preprocessing))
    with pytest.raises(
        ModelRefusedError,
        match=r'transforms fail on "deep.png" \(RuntimeError: The size of',
    ):
        run_all(run, images_of(colour_folder), lambda _n: None)


def test_numbers_of_an_image_are_counted_over_all_channels(colour_folder: Path) -> None:
    """The colour folder's images are 40 x 30 pixels."""
    images = images_of(colour_folder)
    assert n_elements_of(classifier_of(Colours()), images, Pictures(), CPU) == 3 * 40 * 30
