"""Judges scores by the rubric of a spec, on values or on the bounds of their intervals."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from grader.results.comparisons import Comparison, Direction
from grader.results.report import Grade, Verdict
from grader.results.scores import ClassScore, Interval, Metrics, ModelScores
from hidden_test_spec.rules import CORRUPTIONS, Corruption, Rule, Scope
from hidden_test_spec.spec import Criterion, Rubric


class Measured(NamedTuple):
    """A value with its interval; either is None if undefined or absent."""

    value: float | None
    interval: Interval | None = None
    label: str | None = None


OVERALL: dict[str, Callable[[Metrics], Measured]] = {
    "accuracy": lambda one: Measured(one.accuracy, one.accuracy_interval),
    "accuracy_readable": lambda one: Measured(
        one.accuracy_readable, one.accuracy_readable_interval
    ),
    "loss": lambda one: Measured(one.loss, one.loss_interval),
    "balanced_accuracy": lambda one: Measured(
        one.balanced_accuracy, one.balanced_accuracy_interval
    ),
    "macro_f1": lambda one: Measured(one.macro_f1, one.macro_f1_interval),
    "top_2_accuracy": lambda one: _top_k(one, 2),
    "top_3_accuracy": lambda one: _top_k(one, 3),
    "top_5_accuracy": lambda one: _top_k(one, 5),
    "brier": lambda one: Measured(one.brier, one.brier_interval),
    "ece": lambda one: Measured(one.ece, one.ece_interval),
}
WORSE_PHOTOS: dict[str, Corruption] = {f"accuracy under {one}": one for one in CORRUPTIONS}
PER_CLASS: dict[str, Callable[[ClassScore], Measured]] = {
    "recall": lambda one: Measured(one.recall, one.recall_interval, one.label),
    "precision": lambda one: Measured(one.precision, one.precision_interval, one.label),
    "f1": lambda one: Measured(one.f1, None, one.label),
    "auc": lambda one: Measured(one.auc, None, one.label),
    "mean_loss": lambda one: Measured(one.mean_loss, None, one.label),
}
CHANGES: dict[str, Callable[[Comparison], Measured]] = {
    "accuracy_change": lambda one: Measured(one.accuracy_change, one.accuracy_change_interval),
    "loss_change": lambda one: Measured(one.loss_change, one.loss_change_interval),
    "n_regressions": lambda one: Measured(one.n_regressions),
    "n_improvements": lambda one: Measured(one.n_improvements),
    "n_confidence_drops": lambda one: Measured(one.n_confidence_drops),
    "n_confidence_gains": lambda one: Measured(one.n_confidence_gains),
    "churn": lambda one: Measured(one.churn),
    "negative_flip_rate": lambda one: Measured(one.negative_flip_rate),
    "positive_flip_rate": lambda one: Measured(one.positive_flip_rate),
    "n_better_classes": lambda one: _n_classes(one, "better"),
    "n_worse_classes": lambda one: _n_classes(one, "worse"),
    "mcnemar_p": lambda one: Measured(one.mcnemar.p_value),
    "non_inferiority_p": lambda one: Measured(one.equivalence.p_non_inferior),
    "equivalence_p": lambda one: Measured(
        max(one.equivalence.p_non_inferior, one.equivalence.p_non_superior)
    ),
}


def judge(
    rubric: Rubric, scores: ModelScores, comparison: Comparison | None
) -> tuple[tuple[Verdict, ...], Grade]:
    """Judge every criterion, in the rubric's order, and add up the points.

    A criterion about every class is judged on the worst of the classes that have images.
    A criterion whose value is undefined, as without a baseline, is not met.
    """
    verdicts = tuple(_verdict(one, scores, comparison) for one in rubric.criteria)
    points = sum(verdict.points for verdict in verdicts)
    passed = (
        all(verdict.passed for verdict in verdicts)
        if rubric.pass_points is None
        else points >= rubric.pass_points
    )
    return verdicts, Grade(points=points, points_possible=rubric.points_possible, passed=passed)


def _verdict(criterion: Criterion, scores: ModelScores, comparison: Comparison | None) -> Verdict:
    rule = criterion.parsed_rule
    found = [(_judged(one, criterion, rule), one) for one in _measured(rule, scores, comparison)]
    judged, worst = _hardest(found, rule)
    passed = rule.is_met_by(judged)
    return Verdict(
        criterion=criterion.rule,
        judged_on=criterion.on,
        passed=passed,
        points=criterion.points if passed else 0.0,
        points_possible=criterion.points,
        found=judged,
        estimate=worst.value,
        label=worst.label,
        required=rule.threshold,
    )


def _measured(rule: Rule, scores: ModelScores, comparison: Comparison | None) -> Sequence[Measured]:
    match rule.scope:
        case Scope.OVERALL:
            return [_overall(rule, scores)]
        case Scope.EVERY_CLASS:
            return [PER_CLASS[rule.metric](one) for one in scores.per_class if one.support]
        case Scope.AGAINST_FIRST_STAGE:
            return [] if comparison is None else [CHANGES[rule.metric](comparison)]


def _overall(rule: Rule, scores: ModelScores) -> Measured:
    """A number over the whole test set; undefined where worse photos weren't tried."""
    if rule.metric in OVERALL:
        return OVERALL[rule.metric](scores.metrics)
    corruption = WORSE_PHOTOS[rule.metric]
    found = (one for one in scores.robustness if one.corruption == corruption)
    return next((Measured(one.accuracy, one.interval) for one in found), Measured(None))


def _judged(measured: Measured, criterion: Criterion, rule: Rule) -> float | None:
    """The value, or the less favourable bound of its interval."""
    if criterion.on == "value":
        return measured.value
    if measured.interval is None:
        return None
    return measured.interval.low if rule.wants_more else measured.interval.high


def _hardest(
    found: Sequence[tuple[float | None, Measured]], rule: Rule
) -> tuple[float | None, Measured]:
    """The least favourable value; an undefined one counts as worse than any other."""
    for judged, measured in found:
        if judged is None:
            return None, measured
    defined = [(judged, measured) for judged, measured in found if judged is not None]
    if not defined:
        return None, Measured(None)
    choose = min if rule.wants_more else max
    return choose(defined, key=lambda pair: pair[0])


def _top_k(metrics: Metrics, k: int) -> Measured:
    """The share for this k; undefined where there are no more than k classes."""
    for one in metrics.top_k:
        if one.k == k:
            return Measured(one.accuracy, one.interval)
    return Measured(None)


def _n_classes(comparison: Comparison, direction: Direction) -> Measured:
    return Measured(sum(change.direction == direction for change in comparison.per_class))
