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
    Direction,
    Flip,
    FlipKind,
    ImageChanges,
    McNemar,
)
from grader.results.models import ModelInfo
from grader.results.report import ImageRecord
from grader.results.scores import ClassScore, ModelScores, Statistics
from grader.scoring.means import mean_interval
from grader.scoring.paired import (
    FlipCounts,
    change_interval,
    direction_of,
    equivalence,
    mcnemar_p,
)
from grader.scoring.per_class import image_losses
from grader.scoring.power import images_to_tell
from grader.scoring.sample_sizes import Sampling, image_weight, independent
from grader.scoring.several_classes import ClassFlips, corrected_p, flips_to_tell


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
        n_images: The images that rates are shares of: the scored ones, and the unreadable ones
            where these count as wrong.
        statistics: Level, margin and steps.
        photos: A number for each row, the same for those that show one photo; None where all show
            photos of their own.
    """

    images: Sequence[ImageRecord]
    targets: NDArray[np.intp]
    n_images: int
    statistics: Statistics
    photos: NDArray[np.intp] | None = None

    @property
    def sampling(self) -> Sampling:
        """How the images were drawn."""
        if self.photos is None:
            return independent(self.targets)
        return Sampling(targets=self.targets, photos=self.photos)


def compare(baseline: ScoredModel, candidate: ScoredModel, pairing: Pairing) -> Comparison:
    """Compare two models on the same scored images, with the same rows and columns."""
    targets, n_images, statistics = pairing.targets, pairing.n_images, pairing.statistics
    was_right = baseline.predictions.predictions == targets
    is_right = candidate.predictions.predictions == targets
    regressed, improved = was_right & ~is_right, ~was_right & is_right
    counts = int(regressed.sum()), int(improved.sum())
    flips = FlipCounts(n_regressions=counts[0], n_improvements=counts[1], n_images=n_images)
    worth = flips.times(pairing.sampling.weight)
    interval = change_interval(worth, level=statistics.level)
    changed = baseline.predictions.predictions != candidate.predictions.predictions
    losses = image_losses(candidate.predictions, targets) - image_losses(
        baseline.predictions, targets
    )
    changes = _image_changes(baseline, candidate, pairing)
    return Comparison(
        baseline=baseline.info,
        baseline_scores=baseline.scores,
        accuracy_change=(counts[1] - counts[0]) / n_images,
        accuracy_change_interval=interval,
        loss_change=float(losses.mean()),
        loss_change_interval=mean_interval(losses, pairing.sampling, level=statistics.level),
        mcnemar=McNemar(
            n_regressions=counts[0],
            n_improvements=counts[1],
            p_value=mcnemar_p(worth.n_regressions, worth.n_improvements),
        ),
        equivalence=equivalence(worth, margin=statistics.margin, level=statistics.level),
        direction=direction_of(interval),
        n_images_to_tell=_images_to_tell(flips, statistics),
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


def _images_to_tell(flips: FlipCounts, statistics: Statistics) -> int | None:
    """How many images would tell a change of the margin beside as many of the rarer flips."""
    p_down = min(flips.n_regressions, flips.n_improvements) / flips.n_images
    if 2 * p_down + statistics.margin > 1:
        return None
    return images_to_tell(
        statistics.margin, p_down=p_down, alpha=1 - statistics.level, power=statistics.power
    )


def _class_changes(
    baseline: ScoredModel, candidate: ScoredModel, pairing: Pairing
) -> tuple[ClassChange, ...]:
    statistics = pairing.statistics
    flips = _class_flips(baseline, candidate, pairing)
    present = [index for index, one in enumerate(candidate.scores.per_class) if one.support]
    tested = [flips[index] for index in present]
    alpha = 1 - statistics.level
    corrected = corrected_p(tested, alpha=alpha)
    n_images = images_to_tell(
        statistics.class_change, alpha=alpha / max(len(present), 1), power=statistics.power
    )
    told = {
        index: _Told(
            p_holm=corrected[place],
            alpha=alpha,
            to_tell=flips_to_tell(tested, place, alpha=alpha),
            n_images=n_images,
            change=statistics.class_change,
        )
        for place, index in enumerate(present)
    }
    pairs = zip(baseline.scores.per_class, candidate.scores.per_class, strict=True)
    return tuple(
        _class_change(scores, flips[index], told.get(index)) for index, scores in enumerate(pairs)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the images of a class tell beside those of all others, and what it would take."""

    p_holm: float
    alpha: float
    to_tell: tuple[int, FlipKind | None] | None
    n_images: int | None
    change: float


def _class_flips(
    baseline: ScoredModel, candidate: ScoredModel, pairing: Pairing
) -> tuple[ClassFlips, ...]:
    """The flips of each class, also of those without images."""
    targets = pairing.targets
    was_right = baseline.predictions.predictions == targets
    is_right = candidate.predictions.predictions == targets
    n_classes = len(candidate.predictions.labels)
    counted = [
        np.bincount(targets[chosen], minlength=n_classes).tolist()
        for chosen in (was_right & ~is_right, ~was_right & is_right, was_right, ~was_right)
    ]
    photos = pairing.sampling.photos
    return tuple(
        ClassFlips(
            n_regressions=broken,
            n_improvements=fixed,
            n_right_before=right,
            n_wrong_before=wrong,
            weight=image_weight(photos[targets == index]),
        )
        for index, (broken, fixed, right, wrong) in enumerate(zip(*counted, strict=True))
    )


def _class_change(
    scores: tuple[ClassScore, ClassScore], flips: ClassFlips, told: _Told | None
) -> ClassChange:
    before, after = scores
    n_flips, kind = (told.to_tell if told is not None else None) or (None, None)
    direction: Direction = "undecided"
    if told is not None and told.p_holm < told.alpha:
        direction = "better" if flips.n_improvements > flips.n_regressions else "worse"
    return ClassChange(
        label=after.label,
        support=after.support,
        baseline_recall=before.recall,
        candidate_recall=after.recall,
        n_regressions=flips.n_regressions,
        n_improvements=flips.n_improvements,
        p_value=None if told is None else flips.p_value,
        p_holm=None if told is None else told.p_holm,
        direction=direction,
        n_flips_to_tell=n_flips,
        kind_to_tell=kind,
        n_images_to_tell=None if told is None else told.n_images,
        change_to_tell=None if told is None else told.change,
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
