"""The scores of models with their accuracy on worse photos."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from grader.engine.answers import Run, n_elements_of
from grader.engine.devices import default_batch_size
from grader.probing.robustness import answers_on_worse_photos
from grader.results.answers import TestImage
from grader.results.scores import CorruptedAccuracy
from grader.scoring.comparison import ScoredModel
from grader.scoring.intervals import wilson_interval
from grader.scoring.probabilities import class_predictions
from hidden_test_spec.rules import Corruption


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Which photos are made worse, how, and what is right.

    Attributes:
        images: The scored ones.
        targets: Class index of each.
        labels_of: The class that an entry of a vocab means; None if it means none of these.
        corruptions: What to do to them.
        level: Of confidence, for the intervals.
    """

    images: Sequence[TestImage]
    targets: NDArray[np.intp]
    labels_of: Callable[[str], str | None]
    corruptions: tuple[Corruption, ...]
    level: float


def with_robustness(
    model: ScoredModel,
    run: Run,
    trial: Trial,
    *,
    on_images: Callable[[int], None] = lambda _n_images: None,
) -> ScoredModel:
    """The model with its accuracy after each corruption; unchanged if there are none."""
    if not trial.corruptions:
        return model
    n_elements = n_elements_of(run.classifier, trial.images, run.pictures, run.device)
    run = replace(run, batch_size=default_batch_size(run.device, n_elements=n_elements))
    found = answers_on_worse_photos(run, trial.images, trial.corruptions, on_images=on_images)
    right = {corruption: _n_correct(logits, model, trial) for corruption, logits in found.items()}
    scores = replace(model.scores, robustness=tuple(_accuracies(right, trial)))
    return replace(model, scores=scores)


def _n_correct(logits: NDArray[np.float64], model: ScoredModel, trial: Trial) -> int:
    """Images that are still right; outputs that aren't finite are wrong."""
    is_finite = np.array([np.isfinite(row).all() for row in logits], dtype=np.bool_)
    predictions = class_predictions(
        np.where(is_finite[:, None], logits, 0.0),
        output_labels=tuple(trial.labels_of(entry) or entry for entry in model.info.vocab),
        labels=model.predictions.labels,
        image_sha256=lambda row: trial.images[row].sha256,
    )
    return int((is_finite & (predictions.predictions == trial.targets)).sum())


def _accuracies(right: dict[Corruption, int], trial: Trial) -> Iterator[CorruptedAccuracy]:
    n_images = len(trial.images)
    for corruption, n_correct in right.items():
        yield CorruptedAccuracy(
            corruption=corruption,
            n_correct=n_correct,
            accuracy=n_correct / n_images,
            interval=wilson_interval(n_correct, n_images, level=trial.level),
        )
