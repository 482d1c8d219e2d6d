"""Some images once more, in other batches: a model that then answers otherwise is refused."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from grader.answers import Run, bad_outputs, n_not_finite, prepare
from grader.batch_mates import TOLERANCE, Steadiness, compare_answers, regrading_plan
from grader.errors import BadInputError, ModelRefusedError, UnreadableImageError
from grader.loading.classifier import Classifier
from grader.network import in_float64, logits_of, refused
from grader.results.answers import ModelOutputs, TestImage

SEED = 20
# So many of the answers that moved, from the most moved to the least, are looked at in float64.
N_LOOKED_AT = 4


def run_again(run: Run, images: Sequence[TestImage], outputs: ModelOutputs) -> Steadiness:
    """Run some images again in other batches, each alone or among others.

    An answer that moves may have been moved by rounding alone. It then stays in float64.

    Args:
        run: What was run.
        images: All images.
        outputs: What the run gave, in batches of `run.batch_size` images that could be read.

    Raises:
        ModelRefusedError: If an answer isn't the same, or the network fails.
        BadInputError: If an image can't be read again.
    """
    n_read = len(outputs.positions)
    if not n_read:
        return Steadiness(n_regraded=0, moved=(), n_flipped=0, largest_change=0.0)
    readable = [images[position] for position in outputs.positions]
    plan = regrading_plan(n_read, batch_size=run.batch_size, seed=SEED)
    rows = [row for batch in plan for row in batch]
    after = np.concatenate([_logits_again(run, readable, batch) for batch in plan])
    if n_bad := n_not_finite(after):
        raise bad_outputs(run.classifier, n_bad, n_run=len(rows), n_images=n_read)
    found = compare_answers(outputs.logits[rows], after)
    new_mates = [(row, batch) for batch in plan for row in batch]
    if found.moved and not _is_rounding(run, readable, [new_mates[index] for index in found.moved]):
        raise _unsteady(run.classifier, found)
    return found


def _is_rounding(
    run: Run, readable: Sequence[TestImage], moved: Sequence[tuple[int, tuple[int, ...]]]
) -> bool:
    """Whether answers that moved in float32 stay in float64, with the same mates as before.

    Args:
        run: What was run.
        readable: The images that could be read.
        moved: Positions of images whose answer moved, each with the batch in which it did; at least
            one.
    """
    before, after = [], []
    with in_float64(run.classifier, run.device) as (classifier, device):
        exact = replace(run, classifier=classifier, device=device)
        try:
            for row, batch in moved[:: math.ceil(len(moved) / N_LOOKED_AT)]:
                first = row - row % run.batch_size
                old = tuple(range(first, min(first + run.batch_size, len(readable))))
                before.append(_logits_again(exact, readable, old)[old.index(row)])
                after.append(_logits_again(exact, readable, batch)[batch.index(row)])
        except ModelRefusedError:  # It needs float32, so its answers can't be shown to stay.
            return False
    logits = np.array([before, after])
    return (
        n_not_finite(logits.reshape(-1, logits.shape[2])) == 0
        and not compare_answers(*logits).moved
    )


def _logits_again(
    run: Run, readable: Sequence[TestImage], batch: Sequence[int]
) -> NDArray[np.float64]:
    images = [readable[row] for row in batch]
    try:
        tensors = [prepare(run.classifier, image) for image in images]
    except UnreadableImageError as error:
        raise BadInputError(
            what=f"An image that was read before can't be read again ({error.reason})",
            where=str(images[0].path.parent),
            advice="leave the folder as it is while grading, and grade again",
        ) from error
    return logits_of(run.classifier, tensors, run.device)


def _unsteady(classifier: Classifier, found: Steadiness) -> ModelRefusedError:
    what = (
        f"The answers depend on what else is in the batch, or on chance: of {found.n_regraded} "
        f"given again in other batches, {len(found.moved)} moved by more than {TOLERANCE} in a "
        f"probability (at most by {found.largest_change:.2g}), {found.n_flipped} to another class"
    )
    advice = (
        "use layers that take each image by itself at validation, such as batch normalisation with "
        "running statistics"
    )
    return refused(classifier, what, advice)
