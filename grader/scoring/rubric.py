"""Judges scores by the rubric of a spec."""

from collections.abc import Callable, Sequence

from grader.results import Comparison, Grade, Verdict
from grader.scores import ClassScore, Metrics, ModelScores
from hidden_test_spec.rules import Rule, Scope
from hidden_test_spec.spec import Criterion, Rubric

OVERALL: dict[str, Callable[[Metrics], float]] = {
    "accuracy": lambda metrics: metrics.accuracy,
    "accuracy_readable": lambda metrics: metrics.accuracy_readable,
    "loss": lambda metrics: metrics.loss,
}
PER_CLASS: dict[str, Callable[[ClassScore], float | None]] = {
    "recall": lambda score: score.recall,
    "precision": lambda score: score.precision,
    "f1": lambda score: score.f1,
}
CHANGES: dict[str, Callable[[Comparison], float]] = {
    "accuracy_change": lambda comparison: comparison.accuracy_change,
    "n_regressions": lambda comparison: comparison.n_regressions,
    "n_improvements": lambda comparison: comparison.n_improvements,
}


def judge(
    rubric: Rubric, scores: ModelScores, comparison: Comparison | None
) -> tuple[tuple[Verdict, ...], Grade]:
    """Judge every criterion, in the rubric's order, and add up the points.

    A criterion about every class looks at the classes that have images, and at the worst of them.
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
    found = _found(rule, scores, comparison)
    passed = rule.is_met_by(found)
    return Verdict(
        criterion=criterion.rule,
        passed=passed,
        points=criterion.points if passed else 0.0,
        points_possible=criterion.points,
        found=found,
        required=rule.threshold,
    )


def _found(rule: Rule, scores: ModelScores, comparison: Comparison | None) -> float | None:
    match rule.scope:
        case Scope.OVERALL:
            return OVERALL[rule.metric](scores.metrics)
        case Scope.EVERY_CLASS:
            present = [score for score in scores.per_class if score.support]
            return _worst([PER_CLASS[rule.metric](score) for score in present], rule)
        case Scope.AGAINST_FIRST_STAGE:
            return None if comparison is None else CHANGES[rule.metric](comparison)


def _worst(values: Sequence[float | None], rule: Rule) -> float | None:
    """The value that is hardest on the model; None as soon as one is undefined."""
    defined = [value for value in values if value is not None]
    if not defined or len(defined) < len(values):
        return None
    return min(defined) if rule.wants_more else max(defined)
