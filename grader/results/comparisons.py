"""Candidate against baseline on the same images, as frozen values.

Rates are shares of the images that the accuracy is a share of. A change is the
candidate's value minus the baseline's.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from grader.results.models import ModelInfo
from grader.results.scores import Interval, ModelScores

Direction: TypeAlias = Literal["better", "worse", "undecided"]
FlipKind: TypeAlias = Literal["regressions", "improvements"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An image on which exactly one of the two models is right."""

    image: str
    label: str
    baseline_prediction: str
    candidate_prediction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceShift:
    """An image that both models get right, with the probability that each gives its class."""

    image: str
    label: str
    baseline_probability: float
    candidate_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChanges:
    """Individual images that changed, each list in the test set's order.

    Attributes:
        regressions: Right before, wrong now.
        improvements: Wrong before, right now.
        confidence_drops: Right both times, and much less sure now.
        confidence_gains: Right both times, and much surer now.
    """

    regressions: tuple[Flip, ...]
    improvements: tuple[Flip, ...]
    confidence_drops: tuple[ConfidenceShift, ...]
    confidence_gains: tuple[ConfidenceShift, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """McNemar's test, by its two-sided mid-p: could flips as uneven as these be chance?"""

    n_regressions: int
    n_improvements: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """The change in accuracy against a margin.

    Both p values are two-sided, as McNemar's is, and go with the interval of the change.

    Attributes:
        margin: The change of accuracy that doesn't matter.
        p_non_inferior: Of "the candidate is worse by the margin or more".
        p_non_superior: Of "the candidate is better by the margin or more".
        is_non_inferior: Whether the interval ends above minus the margin: less than that is lost.
        is_equivalent: Whether the interval lies within the margin.
    """

    margin: float
    p_non_inferior: float
    p_non_superior: float
    is_non_inferior: bool
    is_equivalent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChange:
    """What changed in one class from the baseline to the candidate.

    Attributes:
        label: The class.
        support: Its scored images; None in a student's edition where they are too few, and then
            every number is None and the direction undecided.
        baseline_recall: None without images.
        candidate_recall: None without images.
        n_regressions: How many of its images the candidate broke.
        n_improvements: How many of its images the candidate fixed.
        p_value: McNemar's mid-p of this class alone; None without images.
        p_holm: The same, corrected by Holm's method for the classes that have enough flips to be
            told at all; 1 where this class has not.
        direction: "better" or "worse" only where `p_holm` is below 1 - level.
        n_flips_to_tell: Flips of the more frequent kind that would settle it, with the other kind
            as often as now and all other classes as they are; None where the images that the
            baseline got right, or wrong, are too few for that.
        kind_to_tell: Which kind these are; None where either kind would do, or none.
        n_images_to_tell: About how many images it would take for a good chance (`Statistics.power`)
            to tell `change_to_tell`; None without images.
        change_to_tell: A change of recall, `Statistics.class_change`; None without images.
    """

    label: str
    support: int | None
    baseline_recall: float | None
    candidate_recall: float | None
    n_regressions: int | None
    n_improvements: int | None
    p_value: float | None
    p_holm: float | None
    direction: Direction
    n_flips_to_tell: int | None
    kind_to_tell: FlipKind | None
    n_images_to_tell: int | None
    change_to_tell: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Candidate against baseline on the same images.

    Attributes:
        baseline: The baseline model.
        baseline_scores: Its scores.
        accuracy_change: In [-1, 1].
        accuracy_change_interval: Fay and Lumbard's, in its mid-p form: it goes with McNemar's p.
        loss_change: Of the mean loss, in nats.
        loss_change_interval: Of the mean of the differences, with their skewness taken out.
        mcnemar: Of all images.
        equivalence: Of the accuracies.
        direction: "better" or "worse" only where McNemar's p is below 1 - level, and so the
            interval of the change leaves out 0.
        n_images_to_tell: About how many images it would take for a good chance (`Statistics.power`)
            to tell a change of the margin, with the rarer flips as frequent as here; None where
            20,000 are not enough.
        n_regressions: How many images the candidate broke.
        n_improvements: How many images the candidate fixed.
        n_confidence_drops: How many are right both times, but much less sure now.
        n_confidence_gains: How many are right both times, and much surer now.
        churn: Rate of images whose predicted class differs.
        negative_flip_rate: Rate of regressions.
        positive_flip_rate: Rate of improvements.
        per_class: In the order of the classes.
        changes: The images themselves; None in a student's edition.
    """

    baseline: ModelInfo
    baseline_scores: ModelScores
    accuracy_change: float
    accuracy_change_interval: Interval
    loss_change: float
    loss_change_interval: Interval
    mcnemar: McNemar
    equivalence: Equivalence
    direction: Direction
    n_images_to_tell: int | None
    n_regressions: int
    n_improvements: int
    n_confidence_drops: int
    n_confidence_gains: int
    churn: float
    negative_flip_rate: float
    positive_flip_rate: float
    per_class: tuple[ClassChange, ...]
    changes: ImageChanges | None
