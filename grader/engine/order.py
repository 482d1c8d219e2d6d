"""The order in which images are run: drawn from what is graded, so no model can know it.

A folder is listed class by class. Run in that order, an image's batch-mates would tell its class.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.results.answers import ModelOutputs, TestImage


@dataclass(frozen=True, slots=True)
class DrawnOrder:
    """Positions of a test set's images, in the order in which they are run."""

    positions: tuple[int, ...]

    def arranged(self, images: Sequence[TestImage]) -> tuple[TestImage, ...]:
        """The images of the test set in this order."""
        return tuple(images[position] for position in self.positions)

    def as_listed(self, outputs: ModelOutputs) -> ModelOutputs:
        """What a run in this order gave, in the order of the listing again."""
        listed = np.array(self.positions, dtype=np.intp)[outputs.positions]
        rows = np.argsort(listed)
        unreadable = ((self.positions[place], reason) for place, reason in outputs.unreadable)
        return ModelOutputs(
            logits=outputs.logits[rows],
            positions=listed[rows],
            unreadable=tuple(sorted(unreadable)),
        )


def draw_order(
    images: Sequence[TestImage], *, models_sha256: Iterable[str], batch_size: int
) -> DrawnOrder:
    """The order for these images, the same whenever the same models are graded on them.

    Each image keeps its place within a batch, and those of the last batch, if that is smaller, stay
    in it. So on a CPU, where an image's numbers depend on nothing else, not a bit of them changes.

    Args:
        images: As they are listed.
        models_sha256: The hashes of all models that are run on them.
        batch_size: How many images are run at a time.
    """
    digest = hashlib.sha256()
    for sha256 in (*models_sha256, *(image.sha256 for image in images)):
        digest.update(sha256.encode("ascii", "replace"))
    generator = np.random.default_rng(int.from_bytes(digest.digest(), "big"))
    order = np.arange(len(images))
    n_in_full_batches = len(images) - len(images) % batch_size
    for place in range(min(batch_size, n_in_full_batches)):
        mates = order[place:n_in_full_batches:batch_size]
        order[place:n_in_full_batches:batch_size] = generator.permutation(mates)
    return DrawnOrder(tuple(order.tolist()))
