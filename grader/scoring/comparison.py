"""Candidate against baseline, paired by image: what the second stage broke and mended."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.results import ClassChange, Comparison, Flip, ModelInfo, Predictions, TestImage
from grader.scores import ModelScores


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredModel:
    """A model, its answers and its scores on the shared test set."""

    info: ModelInfo
    predictions: Predictions
    scores: ModelScores


def compare(
    baseline: ScoredModel,
    candidate: ScoredModel,
    *,
    images: Sequence[TestImage],
    targets: NDArray[np.intp],
    n_images: int,
) -> Comparison:
    """Compare two models on the same scored images.

    Args:
        baseline: The first stage.
        candidate: The fine-tuned model; its predictions have the same rows and columns.
        images: The scored images, one for each row.
        targets: Class index of each row, shape (n_scored,).
        n_images: Scored and unreadable images together.
    """
    was_right = baseline.predictions.predictions == targets
    is_right = candidate.predictions.predictions == targets
    regressed, improved = was_right & ~is_right, ~was_right & is_right

    def flips(chosen: NDArray[np.bool_]) -> tuple[Flip, ...]:
        return tuple(
            _flip(images[row], row, baseline, candidate) for row in np.flatnonzero(chosen).tolist()
        )

    return Comparison(
        baseline=baseline.info,
        baseline_scores=baseline.scores,
        accuracy_change=(int(improved.sum()) - int(regressed.sum())) / n_images,
        regressions=flips(regressed),
        improvements=flips(improved),
        per_class=tuple(
            ClassChange(
                label=after.label,
                support=after.support,
                baseline_recall=before.recall,
                candidate_recall=after.recall,
                n_regressions=int((regressed & (targets == index)).sum()),
                n_improvements=int((improved & (targets == index)).sum()),
            )
            for index, (before, after) in enumerate(
                zip(baseline.scores.per_class, candidate.scores.per_class, strict=True)
            )
        ),
    )


def _flip(image: TestImage, row: int, baseline: ScoredModel, candidate: ScoredModel) -> Flip:
    labels = candidate.predictions.labels
    return Flip(
        image=image.name,
        label=image.label,
        baseline_prediction=labels[baseline.predictions.predictions[row]],
        candidate_prediction=labels[candidate.predictions.predictions[row]],
    )
