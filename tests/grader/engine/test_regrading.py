"""Images run again in other batches: an honest model passes, one that looks at others fails."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from grader.engine.answers import Run, run_all
from grader.engine.regrading import (
    N_REGRADED,
    TOLERANCE,
    Steadiness,
    compare_answers,
    regrading_plan,
    run_again,
)
from grader.errors import BadInputError, ModelRefusedError
from grader.images.kept_pictures import Bounds
from grader.images.photos import Photos
from grader.images.sharing import Pictures
from grader.results.answers import TestImage
from tests.grader.exports import draw_colours
from tests.grader.networks import (
    BetterTogether,
    Colours,
    Fickle,
    FirstIsRed,
    LessTheMean,
    NotANumberAlone,
    Rounding,
    SortedRows,
    classifier_of,
    copies_of,
    images_of,
    read_images,
)

SIZES = (1, 2, 3, 7, 12, 16, 17, 31, 32, 33, 120, 1000)

BATCHES = (1, 2, 8, 64)

FORGETFUL = Bounds(memory_bytes=0, disk_bytes=0)


def run_of(network: torch.nn.Module, *, batch_size: int = 8) -> Run:
    """A run of the network on this machine's CPU."""
    classifier = classifier_of(network.eval())
    return Run(
        classifier=classifier,
        pictures=Pictures(),
        device=torch.device("cpu"),
        batch_size=batch_size,
    )


def run_twice(
    network: torch.nn.Module, images: tuple[TestImage, ...], *, batch_size: int = 8
) -> Steadiness:
    """Run all images, and some of them again."""
    run = run_of(network, batch_size=batch_size)
    return run_again(run, images, run_all(run, images, lambda _n_done: None))


def test_outputs_that_are_not_finite_only_in_other_batches_are_refused(
    colour_folder: Path,
) -> None:
    """Of the eighteen answers computed again, it fails on the nine computed alone."""
    with pytest.raises(ModelRefusedError, match="NaN or infinite for 9 of 18 images"):
        run_twice(NotANumberAlone(), images_of(colour_folder), batch_size=3)


class Elsewhere(Colours):
    """Answers honestly, but by an operation of which nobody knows what it does."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """The same answers."""
        return torch.from_numpy(super().forward(batch).numpy().copy())


@pytest.mark.parametrize(("batch_size", "n_few"), [(1, 6), (4, 8), (64, 9)])
def test_an_honest_model_answers_alike_in_every_batch(
    colour_folder: Path, batch_size: int, n_few: int
) -> None:
    """Only rounding moves its probabilities; four alone and a batch are enough to see it."""
    found = run_twice(Colours(), images_of(colour_folder), batch_size=batch_size)
    assert (found.n_regraded, found.moved, found.n_flipped) == (n_few, (), 0)
    assert found.largest_change < 1e-6


@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_a_model_of_which_nothing_is_shown_answers_more_images_again(
    colour_folder: Path, batch_size: int
) -> None:
    """As many as it takes to notice without looking inside."""
    found = run_twice(Elsewhere(), images_of(colour_folder), batch_size=batch_size)
    assert (found.n_regraded, found.moved, found.n_flipped) == (18, (), 0)
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
    """Any influence of its batch-mates, its position or chance is found."""
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
    """A network that answers red for the first image, in one batch of nine.

    The first image is blue, and is run again alone: it moves and flips.
    """
    run = run_of(FirstIsRed(), batch_size=64)
    images = images_of(colour_folder)
    outputs = run_all(run, images, lambda _n: None)
    with pytest.raises(ModelRefusedError, match=r"of 18 computed again") as caught:
        run_again(run, images, outputs)
    assert "moved by more than 0.0001 in a probability (by " in caught.value.what


def test_a_model_that_cheats_on_few_images_is_caught(tmp_path: Path) -> None:
    """Twelve of 120 answers depend on their mates; the sample holds some of them."""

    class Sometimes(Colours):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            rows = super().forward(batch)
            chosen = (batch[:, 0, 0, 0] * 255).round() % 10 == 0
            return torch.where(chosen[:, None], rows - rows.mean(0), rows)

    paths = [tmp_path / f"{number}.png" for number in range(120)]
    for number, path in enumerate(paths):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(path)
    images = read_images(*paths)
    run = run_of(Sometimes())
    outputs = run_all(run, images, lambda _n: None)
    with pytest.raises(ModelRefusedError, match="depend on what else is in the batch"):
        run_again(run, images, outputs)


def test_an_image_that_changes_while_it_is_graded_is_bad_input(tmp_path: Path) -> None:
    """If it isn't kept in memory, it is read again and has another hash."""
    folder = draw_colours(tmp_path / "test")
    images = images_of(folder)
    run = replace(
        run_of(Colours()), pictures=Pictures(photos=Photos(max_kept_bytes=0), bounds=FORGETFUL)
    )
    outputs = run_all(run, images, lambda _n: None)
    Image.new("RGB", (40, 30)).save(folder / "red" / "wine.png")
    with pytest.raises(BadInputError, match=r"changed during grading[\s\S]*wine.png"):
        run_again(run, images, outputs)


def test_where_no_image_could_be_read_nothing_is_run_again(tmp_path: Path) -> None:
    """There is no answer to compare."""
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    found = run_twice(Colours(), read_images(page))
    assert (found.n_regraded, found.largest_change) == (0, 0.0)


@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_answers_that_only_rounding_moves_are_no_cheating(
    colour_folder: Path, batch_size: int
) -> None:
    """They move by more than the tolerance in float32, and not at all in float64."""
    network = Rounding()
    found = run_twice(network, images_of(colour_folder), batch_size=batch_size)
    assert found.moved
    assert found.largest_change > TOLERANCE


def test_the_network_is_in_float32_again_after_a_look_in_float64(colour_folder: Path) -> None:
    """To the bit, so that a later run gives the same."""
    network = torch.nn.Sequential(Rounding(), torch.nn.Linear(3, 3))
    before = {name: value.clone() for name, value in network.state_dict().items()}

    assert run_twice(network, images_of(colour_folder)).moved

    assert {value.dtype for value in network.state_dict().values()} == {torch.float32}
    assert all(torch.equal(network.state_dict()[name], value) for name, value in before.items())


def test_a_cheat_behind_rounding_is_refused(colour_folder: Path) -> None:
    """The answer itself must stay the same in float64, even if it moved in float32."""

    class Both(Rounding):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            rows = super().forward(batch)
            return rows - 0.01 * rows.mean(0)

    with pytest.raises(ModelRefusedError, match="depend on what else is in the batch"):
        run_twice(Both(), images_of(colour_folder))


def test_a_model_that_cannot_be_looked_at_in_float64_is_refused(colour_folder: Path) -> None:
    """Its answers moved, and nothing shows that it was rounding."""

    class OnlyFloat32(Rounding):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            if batch.dtype != torch.float32:
                raise TypeError("expected float32")
            return super().forward(batch)

    with pytest.raises(ModelRefusedError, match="depend on what else is in the batch"):
        run_twice(OnlyFloat32(), images_of(colour_folder))


def parts_of(
    n_images: int, batch_size: int, seed: int = 0
) -> tuple[list[int], list[tuple[int, ...]]]:
    """Images that are run alone, and batches of several."""
    plan = regrading_plan(n_images, batch_size=batch_size, seed=seed)
    return [batch[0] for batch in plan if len(batch) == 1], [one for one in plan if len(one) > 1]


@pytest.mark.parametrize("n_images", SIZES)
@pytest.mark.parametrize("batch_size", BATCHES)
def test_the_cost_is_32_images_or_a_tenth_of_the_folder(n_images: int, batch_size: int) -> None:
    """In a small folder every image is run twice again."""
    n_again = sum(map(len, regrading_plan(n_images, batch_size=batch_size, seed=0)))
    assert n_again == min(2 * n_images, max(N_REGRADED, -(-n_images // 10)))


@pytest.mark.parametrize("n_images", SIZES)
@pytest.mark.parametrize("batch_size", BATCHES)
def test_images_are_in_the_folder_and_never_twice_among_others(
    n_images: int, batch_size: int
) -> None:
    """No batch is larger than the first run's, except for pairs."""
    _, mixed = parts_of(n_images, batch_size)
    drawn = list(chain.from_iterable(mixed))
    assert len(drawn) == len(set(drawn))
    assert set(drawn) <= set(range(n_images))
    assert all(len(batch) <= max(2, batch_size) for batch in mixed)


@pytest.mark.parametrize("n_images", [size for size in SIZES if size > 1])
@pytest.mark.parametrize("batch_size", BATCHES)
def test_images_are_run_alone_as_well_as_among_others(n_images: int, batch_size: int) -> None:
    """Half of them each way, except for one that is left over from the batches."""
    alone, mixed = parts_of(n_images, batch_size)
    n_mixed = sum(map(len, mixed))
    assert n_mixed > 0
    assert 0 <= len(alone) - n_mixed <= 2


@pytest.mark.parametrize("batch_size", BATCHES)
def test_a_folder_of_120_has_32_different_images_run_again(batch_size: int) -> None:
    """The images run alone differ from those run among others."""
    plan = regrading_plan(120, batch_size=batch_size, seed=0)
    assert len(set(chain.from_iterable(plan))) == 32


@pytest.mark.parametrize("n_images", [size for size in SIZES if size > 2])
@pytest.mark.parametrize("batch_size", [8, 64])
def test_no_batch_holds_what_a_batch_of_the_first_run_held(n_images: int, batch_size: int) -> None:
    """The batch-mates are different ones, or fewer."""
    _, mixed = parts_of(n_images, batch_size)
    first = [
        set(range(start, min(start + batch_size, n_images)))
        for start in range(0, n_images, batch_size)
    ]
    assert not [batch for batch in mixed if set(batch) in first]


def test_the_plan_follows_from_the_seed() -> None:
    """The same seed gives the same plan, and another seed another plan."""
    plans = [regrading_plan(120, batch_size=8, seed=seed) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]


def logits_for(probability: float) -> list[float]:
    """Two outputs whose softmax gives the first one this probability."""
    return [float(np.log(probability)), float(np.log(1 - probability))]


def test_answers_that_stay_are_counted_as_such() -> None:
    """This includes outputs that moved, but all by the same amount."""
    before = np.array([logits_for(0.7), logits_for(0.2), logits_for(0.5)])
    found = compare_answers(before, before + 3.0)
    assert (found.n_regraded, len(found.moved), found.n_flipped) == (3, 0, 0)
    assert found.largest_change < 1e-12


@pytest.mark.parametrize(("change", "n_moved"), [(0.9 * TOLERANCE, 0), (1.1 * TOLERANCE, 1)])
def test_a_probability_may_move_by_the_tolerance(change: float, n_moved: int) -> None:
    """And by no more."""
    found = compare_answers(np.array([logits_for(0.7)]), np.array([logits_for(0.7 - change)]))
    assert len(found.moved) == n_moved
    assert found.largest_change == pytest.approx(change)


def test_a_flip_between_classes_closer_than_the_tolerance_is_none() -> None:
    """Rounding alone does that, on any model that can't decide."""
    before, after = logits_for(0.5 + 0.4 * TOLERANCE), logits_for(0.5 - 0.4 * TOLERANCE)
    found = compare_answers(np.array([before]), np.array([after]))
    assert (len(found.moved), found.n_flipped) == (0, 0)


@pytest.mark.parametrize("margin", [2.01 * TOLERANCE, 0.1, 0.9])
def test_any_other_flip_moves_a_probability_beyond_the_tolerance(margin: float) -> None:
    """However little the second class leads after it."""
    before, after = logits_for(0.5 + margin / 2), logits_for(0.5 - 1e-9)
    found = compare_answers(np.array([before]), np.array([after]))
    assert (len(found.moved), found.n_flipped) == (1, 1)


def test_huge_outputs_are_compared_without_overflow() -> None:
    """Answers are compared as probabilities, of any finite outputs."""
    before = np.array([[1e30, -1e30], [1e30, 1e30]])
    found = compare_answers(before, before[:, ::-1].copy())
    assert (len(found.moved), found.n_flipped, found.largest_change) == (1, 1, 1.0)


def test_answers_that_moved_are_told_the_most_moved_first() -> None:
    """By their places among those compared."""
    before = np.array([logits_for(0.5)] * 4)
    after = np.array([logits_for(0.6), logits_for(0.5), logits_for(0.2), logits_for(0.45)])
    assert compare_answers(before, after).moved == (2, 0, 3)
