"""Candidate against baseline, paired by image: what the second stage broke and fixed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import Predictions
from grader.results.comparisons import (
    ClassChange,
    Comparison,
    ConfidenceShift,
    Flip,
    ImageChanges,
    McNemar,
)
from grader.results.models import ModelInfo
from grader.results.report import ImageRecord
from grader.results.scores import ClassScore, ModelScores, Statistics
from grader.scoring.intervals import bootstrap, percentile_interval, tango_interval
from grader.scoring.paired import (
    direction_of,
    equivalence,
    holm,
    holm_alpha,
    mcnemar_p,
    n_flips_to_tell,
)
from grader.scoring.per_class import image_losses


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredModel:
    """A model, its answers and its scores on the shared test set."""

    info: ModelInfo
    predictions: Predictions
    scores: ModelScores


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """What two models are compared on.

    Attributes:
        images: The scored images, one for each row of both models' predictions.
        targets: Class index of each row, shape (n_scored,).
        n_images: Scored and unreadable images together.
        statistics: Level, margin, resamples and seed.
    """

    images: Sequence[ImageRecord]
    targets: NDArray[np.intp]
    n_images: int
    statistics: Statistics


def compare(baseline: ScoredModel, candidate: ScoredModel, pairing: Pairing) -> Comparison:
    """Compare two models on the same scored images, with the same rows and columns."""
    targets, n_images, statistics = pairing.targets, pairing.n_images, pairing.statistics
    was_right = baseline.predictions.predictions == targets
    is_right = candidate.predictions.predictions == targets
    regressed, improved = was_right & ~is_right, ~was_right & is_right
    counts = int(regressed.sum()), int(improved.sum())
    p_value = mcnemar_p(*counts)
    changed = baseline.predictions.predictions != candidate.predictions.predictions
    losses = image_losses(candidate.predictions, targets) - image_losses(
        baseline.predictions, targets
    )
    redrawn = bootstrap(targets, statistics, lambda counted: (counted * losses).mean())
    changes = _image_changes(baseline, candidate, pairing)
    return Comparison(
        baseline=baseline.info,
        baseline_scores=baseline.scores,
        accuracy_change=(counts[1] - counts[0]) / n_images,
        accuracy_change_interval=tango_interval(
            counts[1], counts[0], n_images, level=statistics.level
        ),
        loss_change=float(losses.mean()),
        loss_change_interval=percentile_interval(redrawn, level=statistics.level),
        mcnemar=McNemar(n_regressions=counts[0], n_improvements=counts[1], p_value=p_value),
        equivalence=equivalence(
            *counts, n_images, margin=statistics.margin, level=statistics.level
        ),
        direction=direction_of(*counts, p=p_value, level=statistics.level),
        n_regressions=counts[0],
        n_improvements=counts[1],
        n_confidence_drops=len(changes.confidence_drops),
        n_confidence_gains=len(changes.confidence_gains),
        churn=int(changed.sum()) / n_images,
        negative_flip_rate=counts[0] / n_images,
        positive_flip_rate=counts[1] / n_images,
        per_class=_class_changes(baseline, candidate, pairing),
        changes=changes,
    )


def _class_changes(
    baseline: ScoredModel, candidate: ScoredModel, pairing: Pairing
) -> tuple[ClassChange, ...]:
    targets = pairing.targets
    was_right = baseline.predictions.predictions == targets
    is_right = candidate.predictions.predictions == targets
    n_classes = len(candidate.predictions.labels)
    n_regressions = np.bincount(targets[was_right & ~is_right], minlength=n_classes).tolist()
    n_improvements = np.bincount(targets[~was_right & is_right], minlength=n_classes).tolist()
    p_values = {
        index: mcnemar_p(n_regressions[index], n_improvements[index])
        for index, score in enumerate(candidate.scores.per_class)
        if score.support
    }
    corrected = dict(zip(p_values, holm(tuple(p_values.values())), strict=True))
    alpha = 1 - pairing.statistics.level
    pairs = zip(baseline.scores.per_class, candidate.scores.per_class, strict=True)
    return tuple(
        _class_change(
            (before, after),
            (n_regressions[index], n_improvements[index]),
            p_values=(p_values.get(index), corrected.get(index)),
            # How small this class's p would have to be, with the others as they are.
            alpha=holm_alpha([p for at, p in p_values.items() if at != index], alpha=alpha),
            level=pairing.statistics.level,
        )
        for index, (before, after) in enumerate(pairs)
    )


def _class_change(
    scores: tuple[ClassScore, ClassScore],
    counts: tuple[int, int],
    *,
    p_values: tuple[float | None, float | None],
    alpha: float,
    level: float,
) -> ClassChange:
    before, after = scores
    p_value, p_holm = p_values
    return ClassChange(
        label=after.label,
        support=after.support,
        baseline_recall=before.recall,
        candidate_recall=after.recall,
        n_regressions=counts[0],
        n_improvements=counts[1],
        p_value=p_value,
        p_holm=p_holm,
        direction=("undecided" if p_holm is None else direction_of(*counts, p=p_holm, level=level)),
        n_flips_to_tell=n_flips_to_tell(*counts, n_most=after.support or 0, alpha=alpha),
    )


def _image_changes(baseline: ScoredModel, candidate: ScoredModel, pairing: Pairing) -> ImageChanges:
    rows, targets = np.arange(len(pairing.targets)), pairing.targets
    predicted = baseline.predictions.predictions, candidate.predictions.predictions
    was_right, is_right = predicted[0] == targets, predicted[1] == targets
    before = baseline.predictions.probabilities[rows, targets]
    after = candidate.predictions.probabilities[rows, targets]
    step, both = pairing.statistics.confidence_step, was_right & is_right
    labels = candidate.predictions.labels

    def flips(chosen: NDArray[np.bool_]) -> tuple[Flip, ...]:
        return tuple(
            Flip(
                image=pairing.images[row].name,
                label=pairing.images[row].label,
                baseline_prediction=labels[predicted[0][row]],
                candidate_prediction=labels[predicted[1][row]],
            )
            for row in np.flatnonzero(chosen).tolist()
        )

    def shifts(chosen: NDArray[np.bool_]) -> tuple[ConfidenceShift, ...]:
        return tuple(
            ConfidenceShift(
                image=pairing.images[row].name,
                label=pairing.images[row].label,
                baseline_probability=float(before[row]),
                candidate_probability=float(after[row]),
            )
            for row in np.flatnonzero(chosen).tolist()
        )

    return ImageChanges(
        regressions=flips(was_right & ~is_right),
        improvements=flips(~was_right & is_right),
        confidence_drops=shifts(both & (before - after >= step)),
        confidence_gains=shifts(both & (after - before >= step)),
    )
