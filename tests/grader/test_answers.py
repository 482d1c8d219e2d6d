"""One model's answers: every image by itself, all finite, and the same in other batches."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from grader.answers import ENOUGH_BAD_OUTPUTS, Run, n_elements_of, run_again, run_all
from grader.batch_mates import Steadiness
from grader.errors import BadInputError, ModelRefusedError, UnreadableImageError
from grader.loading.classifier import Classifier
from grader.results import TestImage
from tests.factories import draw_image
from tests.grader.networks import (
    BetterTogether,
    Colours,
    Constant,
    Fickle,
    FirstIsRed,
    LessTheMean,
    NotANumberAlone,
    SortedRows,
    classifier_of,
    copies_of,
    images_of,
)

CPU = torch.device("cpu")


def run_of(classifier: Classifier, *, batch_size: int = 8) -> Run:
    """The classifier on this machine's CPU."""
    return Run(classifier=classifier, device=CPU, batch_size=batch_size)


def run_twice(
    network: torch.nn.Module, images: tuple[TestImage, ...], *, batch_size: int = 8
) -> Steadiness:
    """Run all images, and some of them again."""
    run = run_of(classifier_of(network.eval()), batch_size=batch_size)
    return run_again(run, images, run_all(run, images, lambda _n_done: None))


def test_unreadable_images_are_noted_and_the_rest_is_run(
    colour_folder: Path, tmp_path: Path
) -> None:
    """A page named .jpg costs only its own row."""
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    broken = TestImage(path=page, name="red/page.jpg", label="red")
    images = (*images_of(colour_folder)[:2], broken, *images_of(colour_folder)[2:])

    outputs = run_all(run_of(classifier_of(Colours()), batch_size=4), images, lambda _n: None)

    assert outputs.positions.tolist() == [0, 1, 3, 4, 5, 6, 7, 8, 9]
    assert [position for position, _ in outputs.unreadable] == [2]
    assert "cannot identify" in outputs.unreadable[0][1]


def test_where_no_image_can_be_read_nothing_is_run(tmp_path: Path) -> None:
    """There are no rows, and there is nothing to run again."""
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    images = (TestImage(path=page, name="page.jpg", label="red"),)
    run = run_of(classifier_of(Colours()))

    outputs = run_all(run, images, lambda _n: None)

    assert outputs.logits.shape == (0, 3)
    assert run_again(run, images, outputs).n_regraded == 0
    assert n_elements_of(run.classifier, images, CPU) == 0


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_outputs_that_are_not_finite_are_refused(colour_folder: Path, bad: float) -> None:
    """The message says for how many images of how many."""
    network = Constant([1.0, bad, 0.0])
    with pytest.raises(ModelRefusedError, match="NaN or infinite for 9 of 9 images\n"):
        run_twice(network, images_of(colour_folder))


def test_images_with_finite_outputs_are_not_counted_among_the_bad(colour_folder: Path) -> None:
    """Of nine images, six are not red."""

    class OnlyRed(Colours):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            rows = super().forward(batch)
            return torch.where(rows.argmax(dim=1, keepdim=True) == 2, rows, float("nan"))

    with pytest.raises(ModelRefusedError, match="NaN or infinite for 6 of 9 images\n"):
        run_twice(OnlyRed(), images_of(colour_folder))


def test_a_long_run_stops_when_enough_outputs_are_bad(colour_folder: Path) -> None:
    """After 104 of 1000 images, in batches of eight."""
    network = Constant([float("nan")] * 3)
    images = copies_of(images_of(colour_folder)[0], 1000)
    with pytest.raises(
        ModelRefusedError, match="for 104 of 104 images; the run stopped there, of 1000\n"
    ):
        run_twice(network, images)
    assert ENOUGH_BAD_OUTPUTS <= network.n_seen == 104


def test_outputs_that_are_not_finite_only_in_other_batches_are_refused(
    colour_folder: Path,
) -> None:
    """Of the eighteen answers given again, the nine given alone."""
    with pytest.raises(ModelRefusedError, match="NaN or infinite for 9 of 18 images"):
        run_twice(NotANumberAlone(), images_of(colour_folder), batch_size=3)


@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_an_honest_model_answers_alike_in_every_batch(colour_folder: Path, batch_size: int) -> None:
    """Only rounding moves its probabilities."""
    found = run_twice(Colours(), images_of(colour_folder), batch_size=batch_size)
    assert (found.n_regraded, found.n_moved, found.n_flipped) == (18, 0, 0)
    assert found.largest_change < 1e-6


@pytest.mark.parametrize(
    "network",
    [
        LessTheMean(),
        SortedRows(),
        FirstIsRed(),
        Fickle(),
        torch.nn.Sequential(torch.nn.BatchNorm2d(3, track_running_stats=False), Colours()),
    ],
    ids=lambda network: type(network).__name__,
)
@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_a_model_whose_answers_depend_on_the_batch_is_refused(
    colour_folder: Path, network: torch.nn.Module, batch_size: int
) -> None:
    """Whatever it takes from its mates, its place, or chance."""
    with pytest.raises(ModelRefusedError, match=r"depend on what else is in the batch[\s\S]*moved"):
        run_twice(network, images_of(colour_folder), batch_size=batch_size)


def test_a_model_that_is_sure_only_among_images_of_one_class_is_refused(
    colour_folder: Path,
) -> None:
    """Folders are run class by class, which gives such a model its labels."""
    blue, *_, red = images_of(colour_folder)
    images = copies_of(blue, 16) + copies_of(red, 16)
    with pytest.raises(ModelRefusedError, match="depend on what else is in the batch"):
        run_twice(BetterTogether(), images)


def test_the_refusal_says_how_many_answers_moved_and_flipped(colour_folder: Path) -> None:
    """A network that says red of whatever comes first, in one batch of nine.

    The first image is blue, and is given alone again: it moves and flips.
    """
    run = run_of(classifier_of(FirstIsRed()), batch_size=64)
    images = images_of(colour_folder)
    outputs = run_all(run, images, lambda _n: None)
    with pytest.raises(ModelRefusedError, match=r"of 18 given again") as caught:
        run_again(run, images, outputs)
    assert "moved by more than 0.0001 in a probability (at most by " in caught.value.what


def test_a_model_that_cheats_on_few_images_is_caught(tmp_path: Path) -> None:
    """Twelve of 120 answers depend on their mates; the sample holds some of them."""

    class Sometimes(Colours):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            rows = super().forward(batch)
            chosen = (batch[:, 0, 0, 0] * 255).round() % 10 == 0
            return torch.where(chosen[:, None], rows - rows.mean(0), rows)

    images = []
    for number in range(120):
        path = draw_image(tmp_path / f"{number}.png", side_px=4, seed=number)
        images.append(TestImage(path=path, name=path.name, label="red"))

    def read_image(path: Path) -> NDArray[np.uint8]:
        pixels = np.zeros((4, 4, 3), dtype=np.uint8)
        pixels[..., 0] = int(path.stem)
        return pixels

    run = run_of(replace(classifier_of(Sometimes()), read_image=read_image))
    outputs = run_all(run, images, lambda _n: None)
    with pytest.raises(ModelRefusedError, match="depend on what else is in the batch"):
        run_again(run, images, outputs)


def test_an_image_that_vanishes_while_it_is_graded_is_bad_input(colour_folder: Path) -> None:
    """It is told with its folder."""
    images = images_of(colour_folder)
    run = run_of(classifier_of(Colours()))
    outputs = run_all(run, images, lambda _n: None)

    def read_image(_path: Path) -> None:
        raise UnreadableImageError(reason="No such file")

    torn = replace(run, classifier=replace(run.classifier, read_image=read_image))
    with pytest.raises(BadInputError, match=r"can't be read again \(No such file\)"):
        run_again(torn, images, outputs)


def test_transforms_that_fail_are_named_with_their_image(colour_folder: Path) -> None:
    """The model is refused."""

    def prepare_image(_pixels: NDArray[np.uint8]) -> torch.Tensor:
        raise ValueError("padding too large")

    run = run_of(replace(classifier_of(Colours()), prepare_image=prepare_image))
    with pytest.raises(
        ModelRefusedError, match=r'transforms fail on "deep.png" \(ValueError: padding too large'
    ):
        run_all(run, images_of(colour_folder), lambda _n: None)


def test_numbers_of_an_image_are_counted_over_all_channels(colour_folder: Path) -> None:
    """The colour folder's images are 40 x 30 pixels."""
    assert n_elements_of(classifier_of(Colours()), images_of(colour_folder), CPU) == 3 * 40 * 30
