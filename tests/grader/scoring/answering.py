"""Models that answer at random, for the tests of scoring."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import Predictions
from grader.scoring.probabilities import class_predictions
from tests.factories import never_asked

FIVE_LABELS = ("a", "b", "c", "d", "e")


def random_answers(
    seed: int, *, n_images: int = 200, labels: Sequence[str] = FIVE_LABELS, skill: float = 1.0
) -> tuple[NDArray[np.intp], Predictions]:
    """Targets in all classes, and the answers of a model that knows something of them."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, len(labels), n_images, dtype=np.intp)
    logits = generator.normal(scale=2, size=(n_images, len(labels)))
    logits[np.arange(n_images), targets] += skill
    return targets, as_predictions(logits, labels=labels)


def as_predictions(
    logits: NDArray[np.float64], *, labels: Sequence[str] = FIVE_LABELS
) -> Predictions:
    """What a model with these outputs says, where no classes tie."""
    return class_predictions(
        logits, output_labels=tuple(labels), labels=tuple(labels), image_sha256=never_asked
    )
