"""Runs some images again in other batches: a model that then answers differently is refused."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from grader.engine.answers import Run, bad_outputs, n_not_finite, prepare
from grader.engine.classifier import Classifier
from grader.engine.independence import Watch
from grader.engine.lanes import side_by_side
from grader.engine.leads import ROUNDING_OF_FLOAT32, ROUNDING_OF_FLOAT64, changed_leads
from grader.engine.network import in_float64, logits_of, refused
from grader.errors import ModelRefusedError
from grader.results.answers import ModelOutputs, TestImage
from grader.scoring.probabilities import log_softmax

# Each run again costs a forward pass: 32 of them, or a tenth of the folder where that is more. With
# 120 images, a model that changes 12 of the answers is caught with a probability of 0.98, one that
# changes 6 with 0.85; in a large folder, 44 changed answers are caught with 0.99. This holds where
# an answer changes both alone and among other images. Where only one of the two changes it, 12 of
# 120 are caught with 0.83. Changes rarer than that hardly move a grade.
N_REGRADED = 32
SHARE_REGRADED = 0.1
# Where every operation of a network is shown to keep images apart, none of them can change the
# answer to another. Then these and one batch suffice: an answer that depends on how many images
# there are, or on chance, differs for all of them.
N_ALONE_IF_SHOWN = 4

# Rounding differs between batch sizes: it moved the probabilities of 187 honest exports by at most
# 5e-5, and those of all but one of them by less than 1e-5.
TOLERANCE = 1e-4

SEED = 20
_USE_OTHER_LAYERS = (
    "use layers that treat each image by itself in validation, such as batch normalisation with "
    "running statistics"
)
# How many of the answers that moved are checked in float64, starting with those that moved most.
N_LOOKED_AT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """How the answers of one model moved when images were run again.

    Attributes:
        n_regraded: Answers that were compared.
        moved: Which of them have a probability that moved by more than the tolerance: their places
            among those compared, the one that moved most first.
        n_flipped: How many of them now have another class at the top. A flip between classes that
            are closer together than the tolerance doesn't count: rounding alone can cause it.
        largest_change: Of any probability.
    """

    n_regraded: int
    moved: tuple[int, ...]
    n_flipped: int
    largest_change: float


def run_again(run: Run, images: Sequence[TestImage], outputs: ModelOutputs) -> Steadiness:
    """Run some images again in other batches, each alone or among others.

    Fewer suffice where the network is shown to treat each image by itself. An
    answer may move by rounding alone. It then doesn't move in float64.

    Args:
        run: What was run.
        images: All images.
        outputs: What the run gave, in batches of `run.batch_size` images that could be read.

    Raises:
        ModelRefusedError: If an answer isn't the same, or the network fails.
        BadInputError: If an image has changed since it was read.
    """
    n_read = len(outputs.positions)
    if not n_read:
        return Steadiness(n_regraded=0, moved=(), n_flipped=0, largest_change=0.0)
    readable = [images[position] for position in outputs.positions]
    plan = regrading_plan(n_read, batch_size=run.batch_size, seed=SEED)
    few = _few_of(plan)
    watch = Watch()
    after = _all_again(run, readable, few, watch=watch)
    if watch.is_shown and _are_same(outputs.logits[_rows_of(few)], after):
        plan = few
    else:
        others = tuple(batch for batch in plan if batch not in few)
        plan = (*few, *others)
        after = np.concatenate([after, _all_again(run, readable, others)])
    rows = _rows_of(plan)
    if n_bad := n_not_finite(after):
        raise bad_outputs(run.classifier, n_bad, n_run=len(rows), n_images=n_read)
    found = compare_answers(outputs.logits[rows], after)
    new_mates = [(row, batch) for batch in plan for row in batch]
    if found.moved and not _is_rounding(run, readable, [new_mates[index] for index in found.moved]):
        raise _unsteady(run.classifier, found)
    changed = changed_leads(outputs.logits[rows], after, rounding=ROUNDING_OF_FLOAT32)
    doubtful = [new_mates[index] for index in changed if index not in found.moved]
    if doubtful and _is_change_of_lead(run, readable, doubtful):
        raise _of_another_lead(run.classifier, n_changed=len(doubtful), n_regraded=len(rows))
    return found


def _few_of(plan: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """The first batch of several images in a plan, and some of the images that are run alone."""
    several = tuple(batch for batch in plan if len(batch) > 1)
    return (*several[:1], *plan[:N_ALONE_IF_SHOWN])


def _rows_of(plan: Sequence[tuple[int, ...]]) -> list[int]:
    return [row for batch in plan for row in batch]


def _are_same(before: NDArray[np.float64], after: NDArray[np.float64]) -> bool:
    """Whether answers are finite, and neither they nor any lead moved."""
    if n_not_finite(after) or compare_answers(before, after).moved:
        return False
    return not changed_leads(before, after, rounding=ROUNDING_OF_FLOAT32)


def _is_rounding(
    run: Run, readable: Sequence[TestImage], moved: Sequence[tuple[int, tuple[int, ...]]]
) -> bool:
    """Whether answers that moved in float32 stay the same in float64, in the same batches.

    Args:
        run: What was run.
        readable: The images that could be read.
        moved: Positions of images whose answer moved, each with the batch in which it did; at least
            one.
    """
    logits = _in_float64(run, readable, moved)
    return (
        logits is not None
        and n_not_finite(logits.reshape(-1, logits.shape[2])) == 0
        and not compare_answers(*logits).moved
        and not changed_leads(*logits, rounding=ROUNDING_OF_FLOAT64)
    )


def _is_change_of_lead(
    run: Run, readable: Sequence[TestImage], doubtful: Sequence[tuple[int, tuple[int, ...]]]
) -> bool:
    """Whether leads that changed in float32 change in float64 too; False where it can't tell."""
    logits = _in_float64(run, readable, doubtful)
    if logits is None or n_not_finite(logits.reshape(-1, logits.shape[2])):
        return False
    return bool(changed_leads(*logits, rounding=ROUNDING_OF_FLOAT64))


def _in_float64(
    run: Run, readable: Sequence[TestImage], chosen: Sequence[tuple[int, tuple[int, ...]]]
) -> NDArray[np.float64] | None:
    """Some answers in the batches of both runs, computed in float64.

    Args:
        run: What was run.
        readable: The images that could be read.
        chosen: Positions of images, each with its batch of the second run; at least one.

    Returns:
        Logits, shape (2, n_looked_at, n_outputs); None if the network needs float32.
    """
    before, after = [], []
    with in_float64(run.classifier, run.device) as (classifier, device):
        exact = replace(run, classifier=classifier, device=device)
        try:
            for row, batch in chosen[:: math.ceil(len(chosen) / N_LOOKED_AT)]:
                first = row - row % run.batch_size
                old = tuple(range(first, min(first + run.batch_size, len(readable))))
                before.append(_logits_again(exact, readable, old)[old.index(row)])
                after.append(_logits_again(exact, readable, batch)[batch.index(row)])
        except ModelRefusedError:  # It needs float32, so nothing shows that its answers stay.
            return None
    return np.array([before, after])


def _all_again(
    run: Run,
    readable: Sequence[TestImage],
    plan: Sequence[tuple[int, ...]],
    *,
    watch: Watch | None = None,
) -> NDArray[np.float64]:
    """The logits of a plan's images, batch by batch; the first batch may be watched."""
    classifier, device = run.classifier, run.device
    run.pictures.expect((readable[row] for row in _rows_of(plan)), classifier.preprocessing)
    prepared = (_prepared(run, readable, batch) for batch in plan)
    rows = [np.empty((0, len(classifier.info.vocab)))]
    if watch is not None:
        rows.append(logits_of(classifier, next(prepared), device, watch=watch))
    do = partial(logits_of, classifier, device=device)
    rows += [logits for _, logits in side_by_side(do, prepared, n_lanes=run.n_lanes)]
    return np.concatenate(rows)


def _logits_again(
    run: Run, readable: Sequence[TestImage], batch: Sequence[int]
) -> NDArray[np.float64]:
    return logits_of(run.classifier, _prepared(run, readable, batch), run.device)


def _prepared(
    run: Run, readable: Sequence[TestImage], batch: Sequence[int]
) -> tuple[torch.Tensor, ...]:
    return tuple(prepare(run.classifier, readable[row], run.pictures) for row in batch)


def _unsteady(classifier: Classifier, found: Steadiness) -> ModelRefusedError:
    what = (
        f"The answers depend on what else is in the batch, or on chance: of {found.n_regraded} "
        f"computed again in other batches, {len(found.moved)} moved by more than {TOLERANCE} in a "
        f"probability (by {found.largest_change:.2g} at most), {found.n_flipped} to another class"
    )
    return refused(classifier, what, _USE_OTHER_LAYERS)


def _of_another_lead(
    classifier: Classifier, *, n_changed: int, n_regraded: int
) -> ModelRefusedError:
    what = (
        f"The answers depend on what else is in the batch, or on chance: of {n_regraded} computed "
        f"again in other batches, {n_changed} changed by how much the best class leads, in double "
        "precision too"
    )
    return refused(classifier, what, _USE_OTHER_LAYERS)


def regrading_plan(n_images: int, *, batch_size: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Which images to run again, in which batches.

    Half are run alone and half among others, different images as far as possible. The others come
    from anywhere in the folder, since its neighbours are of one class.

    Args:
        n_images: At least 1.
        batch_size: Of the first run; no batch here is larger, except for pairs where it was 1.
        seed: Draws the images, their batch-mates and their places.

    Returns:
        Positions of images from 0 up, batch by batch.
    """
    n_regraded = min(2 * n_images, max(N_REGRADED, math.ceil(SHARE_REGRADED * n_images)))
    order = np.random.default_rng(seed).permutation(n_images)
    drawn = np.resize(order, n_regraded).tolist()
    n_alone = math.ceil(n_regraded / 2)
    alone, mixed = drawn[:n_alone], drawn[n_alone:]
    size = max(2, min(batch_size, math.ceil(len(mixed) / 2)))
    batches = (mixed[start : start + size] for start in range(0, len(mixed), size))
    return (*((position,) for position in alone), *map(tuple, batches))


def compare_answers(before: NDArray[np.float64], after: NDArray[np.float64]) -> Steadiness:
    """Compare answers on the same images, row by row.

    Args:
        before: Logits, shape (n_regraded, n_outputs), finite, at least one row.
        after: The same from other batches.
    """
    changes = np.abs(np.exp(log_softmax(before)) - np.exp(log_softmax(after))).max(axis=1)
    is_moved = changes > TOLERANCE
    is_flipped = before.argmax(axis=1) != after.argmax(axis=1)
    return Steadiness(
        n_regraded=len(changes),
        moved=tuple(index for index in np.argsort(-changes).tolist() if is_moved[index]),
        n_flipped=int((is_moved & is_flipped).sum()),
        largest_change=float(changes.max()),
    )
