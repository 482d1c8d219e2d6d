"""Whether a model answers each image by itself, whatever else is in the batch.

Some images are run again, each alone or among others, and the answers must stay what they were.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.scoring.probabilities import log_softmax

# Each run again costs a forward pass: 32 of them, or a tenth of the folder where that is more. With
# 120 images, a model that changes 12 of the answers is caught with a probability of 0.98, one that
# changes 6 with 0.85; in a large folder, 44 changed answers are caught with 0.99. This holds where
# an answer changes alone as well as among other mates. Where only one of the two changes it, 12 of
# 120 are caught with 0.83. What a model changes less often than that hardly moves its grade.
N_REGRADED = 32
SHARE_REGRADED = 0.1

# Rounding differs between batch sizes: it moved the probabilities of 187 honest exports by at most
# 5e-5, and those of all but one of them by less than 1e-5.
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """How the answers of one model moved when images were run again.

    Attributes:
        n_regraded: Answers that were compared.
        moved: Which of them have a probability that moved by more than the tolerance: their places
            among those compared, the one that moved most first.
        n_flipped: Those of them in which another class came to the top. A flip between classes that
            lie closer together than the tolerance is none: rounding alone can do that.
        largest_change: Of any probability.
    """

    n_regraded: int
    moved: tuple[int, ...]
    n_flipped: int
    largest_change: float


def regrading_plan(n_images: int, *, batch_size: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Which images to run again, in which batches.

    Half are run alone and half among others, as far as possible different images. The others come
    from anywhere in the folder, while its neighbours are of one class.

    Args:
        n_images: At least 1.
        batch_size: Of the first run; no batch here is larger, but for pairs where it was 1.
        seed: Draws the images, their mates and their places.

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
