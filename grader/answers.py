"""One model's answers on all images, and on some of them again: finite, and each by itself.

A model whose outputs aren't finite, or depend on what else is in a batch, is refused.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from grader.batch_mates import TOLERANCE, Steadiness, compare_answers, regrading_plan
from grader.errors import BadInputError, ModelRefusedError, UnreadableImageError
from grader.loading.classifier import Classifier
from grader.network import blamed_on, logits_of, network_input, refused
from grader.results import ModelOutputs, TestImage
from hidden_test_spec.errors import quote

if TYPE_CHECKING:
    import torch  # noqa: TID251 - for the annotations only; nothing is imported when this runs

ENOUGH_BAD_OUTPUTS = 100
REGRADING_SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One model on one device, in eval mode, with so many images at a time."""

    classifier: Classifier
    device: "torch.device"
    batch_size: int


def n_elements_of(
    classifier: Classifier, images: Sequence[TestImage], device: "torch.device"
) -> int:
    """Numbers in the first image that can be read, over all its channels; 0 where none can.

    It is looked at before and after the batch's own transforms; the larger count is taken.

    Raises:
        ModelRefusedError: If the transforms fail.
    """
    for image in images:
        try:
            tensor = _prepared(classifier, image)
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
    for batch in _batches(run, images, unreadable=unreadable):
        rows.append(logits_of(run.classifier, batch.tensors, run.device))
        positions.extend(batch.positions)
        n_bad += _n_not_finite(rows[-1])
        if n_bad >= ENOUGH_BAD_OUTPUTS:
            break
        on_image(batch.positions[-1] + 1)
    if n_bad:
        raise _bad_outputs(run.classifier, n_bad, n_run=len(positions), n_images=len(images))
    return ModelOutputs(
        logits=np.concatenate(rows),
        positions=np.array(positions, dtype=np.intp),
        unreadable=tuple(unreadable),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Prepared images and their positions in the test set."""

    positions: tuple[int, ...]
    tensors: tuple["torch.Tensor", ...]


def _batches(
    run: Run, images: Sequence[TestImage], *, unreadable: list[tuple[int, str]]
) -> Iterator[_Batch]:
    """Prepared batches in order; what can't be read is appended to `unreadable`."""
    positions: list[int] = []
    tensors: list[torch.Tensor] = []
    for position, image in enumerate(images):
        try:
            tensors.append(_prepared(run.classifier, image))
        except UnreadableImageError as error:
            unreadable.append((position, error.reason))
            continue
        positions.append(position)
        if len(tensors) == run.batch_size:
            yield _Batch(positions=tuple(positions), tensors=tuple(tensors))
            positions, tensors = [], []
    if tensors:
        yield _Batch(positions=tuple(positions), tensors=tuple(tensors))


def _prepared(classifier: Classifier, image: TestImage) -> "torch.Tensor":
    """One image as the export prepares it; raises UnreadableImageError."""
    decoded = classifier.read_image(image.path)
    with blamed_on(classifier, f"Its transforms fail on {quote(image.name)}"):
        return classifier.prepare_image(decoded)


def _bad_outputs(
    classifier: Classifier, n_bad: int, *, n_run: int, n_images: int
) -> ModelRefusedError:
    what = f"The outputs are NaN or infinite for {n_bad} of {n_run} images"
    if n_bad >= ENOUGH_BAD_OUTPUTS:
        what += f"; the run stopped there, of {n_images}"
    advice = "train it so that the loss stays finite, and look at learn.predict() on a photo"
    return refused(classifier, what, advice)


def _unsteady(classifier: Classifier, found: Steadiness) -> ModelRefusedError:
    what = (
        f"The answers depend on what else is in the batch, or on chance: of {found.n_regraded} "
        f"given again in other batches, {found.n_moved} moved by more than {TOLERANCE} in a "
        f"probability (at most by {found.largest_change:.2g}), {found.n_flipped} to another class"
    )
    advice = (
        "use layers that take each image by itself at validation, such as batch normalisation with "
        "running statistics"
    )
    return refused(classifier, what, advice)


def _n_not_finite(logits: NDArray[np.float64]) -> int:
    return int((~np.isfinite(logits)).any(axis=1).sum())


def run_again(run: Run, images: Sequence[TestImage], outputs: ModelOutputs) -> Steadiness:
    """Run some images again in other batches, each alone or among others.

    Raises:
        ModelRefusedError: If an answer isn't the same then, or the network fails.
        BadInputError: If an image can't be read again.
    """
    n_read = len(outputs.positions)
    if not n_read:
        return Steadiness(n_regraded=0, n_moved=0, n_flipped=0, largest_change=0.0)
    plan = regrading_plan(n_read, batch_size=run.batch_size, seed=REGRADING_SEED)
    rows = [row for batch in plan for row in batch]
    after = np.concatenate(
        [_logits_again(run, [images[outputs.positions[row]] for row in batch]) for batch in plan]
    )
    if n_bad := _n_not_finite(after):
        raise _bad_outputs(run.classifier, n_bad, n_run=len(rows), n_images=n_read)
    found = compare_answers(outputs.logits[rows], after)
    if found.n_moved:
        raise _unsteady(run.classifier, found)
    return found


def _logits_again(run: Run, images: Sequence[TestImage]) -> NDArray[np.float64]:
    try:
        tensors = [_prepared(run.classifier, image) for image in images]
    except UnreadableImageError as error:
        raise BadInputError(
            what=f"An image that was read before can't be read again ({error.reason})",
            where=str(images[0].path.parent),
            advice="leave the folder as it is while grading, and grade again",
        ) from error
    return logits_of(run.classifier, tensors, run.device)
