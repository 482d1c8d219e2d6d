"""One model's answers on all images, batch by batch; answers that aren't finite are refused."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from grader.engine.classifier import Classifier
from grader.engine.lanes import side_by_side
from grader.engine.network import blamed_on, logits_of, network_input, refused
from grader.errors import ModelRefusedError, UnreadableImageError
from grader.images.sharing import Pictures
from grader.images.tensor_steps import prepare_pixels
from grader.results.answers import ModelOutputs, TestImage
from hidden_test_spec.errors import quote

ENOUGH_BAD_OUTPUTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One model on one device, in eval mode, with a fixed number of photos at a time.

    Attributes:
        n_lanes: How many batches are run side by side, each on its share of the cores.
    """

    classifier: Classifier
    pictures: Pictures
    device: torch.device
    batch_size: int
    n_lanes: int = 1


def n_elements_of(
    classifier: Classifier, images: Sequence[TestImage], pictures: Pictures, device: torch.device
) -> int:
    """How many numbers the first readable image has, over all channels; 0 without such an image.

    They are counted before and after the batch's own transforms; the larger count is taken.

    Raises:
        ModelRefusedError: If the transforms fail.
    """
    for image in images:
        try:
            tensor = prepare(classifier, image, pictures)
        except UnreadableImageError:
            continue
        return max(tensor.numel(), network_input(classifier, (tensor,), device).numel())
    return 0


def run_all(run: Run, images: Sequence[TestImage], on_image: Callable[[int], None]) -> ModelOutputs:
    """Run all images in order.

    Args:
        run: What to run.
        images: At least one image.
        on_image: Called after each batch with the number of images done.

    Raises:
        ModelRefusedError: If the network fails, or its outputs have a wrong shape or aren't finite.
    """
    unreadable: list[tuple[int, str]] = []
    rows = [np.empty((0, len(run.classifier.info.vocab)))]
    positions: list[int] = []
    n_bad = 0
    run.pictures.expect(images, run.classifier.preprocessing)
    batches = _batches(run, images, unreadable=unreadable)
    with closing(side_by_side(partial(_answers, run), batches, n_lanes=run.n_lanes)) as answered:
        for batch, logits in answered:
            rows.append(logits)
            positions.extend(batch.positions)
            n_bad += n_not_finite(logits)
            if n_bad >= ENOUGH_BAD_OUTPUTS:
                break
            on_image(batch.positions[-1] + 1)
    if n_bad:
        raise bad_outputs(run.classifier, n_bad, n_run=len(positions), n_images=len(images))
    return ModelOutputs(
        logits=np.concatenate(rows),
        positions=np.array(positions, dtype=np.intp),
        unreadable=tuple(unreadable),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Prepared images and their positions in the test set."""

    positions: tuple[int, ...]
    tensors: tuple[torch.Tensor, ...]


def _answers(run: Run, batch: _Batch) -> NDArray[np.float64]:
    return logits_of(run.classifier, batch.tensors, run.device)


def _batches(
    run: Run, images: Sequence[TestImage], *, unreadable: list[tuple[int, str]]
) -> Iterator[_Batch]:
    """Prepared batches in order; images that can't be read are appended to `unreadable`."""
    positions: list[int] = []
    tensors: list[torch.Tensor] = []
    for position, image in enumerate(images):
        try:
            tensors.append(prepare(run.classifier, image, run.pictures))
        except UnreadableImageError as error:
            unreadable.append((position, error.reason))
            continue
        positions.append(position)
        if len(tensors) == run.batch_size:
            yield _Batch(positions=tuple(positions), tensors=tuple(tensors))
            positions, tensors = [], []
    if tensors:
        yield _Batch(positions=tuple(positions), tensors=tuple(tensors))


def prepare(classifier: Classifier, image: TestImage, pictures: Pictures) -> torch.Tensor:
    """One image as the export prepares it, shape (n_channels, height, width).

    Raises:
        UnreadableImageError: If it can't be decoded.
        BadInputError: If it has changed since it was read.
        ModelRefusedError: If the export's transforms fail on it.
    """
    preprocessing = classifier.preprocessing
    with blamed_on(classifier, f"Its transforms fail on {quote(image.name)}"):
        return prepare_pixels(pictures.picture(image, preprocessing), preprocessing)


def n_not_finite(logits: NDArray[np.float64]) -> int:
    """How many rows hold a NaN or an infinity."""
    return int((~np.isfinite(logits)).any(axis=1).sum())


def bad_outputs(
    classifier: Classifier, n_bad: int, *, n_run: int, n_images: int
) -> ModelRefusedError:
    """The refusal of a model because its outputs aren't finite.

    Args:
        classifier: The model.
        n_bad: How many images have such outputs.
        n_run: How many images were run.
        n_images: How many were to be run.
    """
    what = f"The outputs are NaN or infinite for {n_bad} of {n_run} images"
    if n_bad >= ENOUGH_BAD_OUTPUTS:
        what += f"; the run stopped there, of {n_images}"
    advice = "train it so that the loss stays finite, and try learn.predict() on a photo"
    return refused(classifier, what, advice)
