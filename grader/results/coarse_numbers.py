"""Numbers as a student sees them: as fine as the text forms print them, and no finer.

A mean of probabilities has as many digits as a float holds. A network made for it could write into
each digit whether it was shown a certain photo, so digits that say nothing about a model are cut.
Shares of counted images stay as they are: the counts are shown beside them.
"""

from dataclasses import replace

from grader.results.comparisons import Comparison
from grader.results.report import Verdict
from grader.results.scores import ClassScore, Interval, Metrics, ModelScores, ReliabilityBin

N_DECIMALS = 4
# No honest mean of a loss comes near it.
LARGEST = 100.0

_COUNTED = ("accuracy", "recall", "precision", "n_")


def coarse(value: float) -> float:
    """A number with few decimals, and cut off where no honest one is."""
    return round(min(max(value, -LARGEST), LARGEST), N_DECIMALS)


def coarse_scores(scores: ModelScores) -> ModelScores:
    """Scores whose means and areas are coarse."""
    return replace(
        scores,
        metrics=_metrics(scores.metrics),
        per_class=tuple(map(_class_score, scores.per_class)),
        reliability=tuple(map(_bin, scores.reliability)),
    )


def coarse_comparison(comparison: Comparison) -> Comparison:
    """A comparison whose change of the loss, and whose baseline's scores, are coarse."""
    return replace(
        comparison,
        baseline_scores=coarse_scores(comparison.baseline_scores),
        loss_change=coarse(comparison.loss_change),
        loss_change_interval=_interval(comparison.loss_change_interval),
    )


def coarse_verdict(verdict: Verdict) -> Verdict:
    """A verdict whose value is coarse, unless it is a share of counted images."""
    if verdict.criterion.startswith(_COUNTED):
        return verdict
    return replace(
        verdict,
        found=None if verdict.found is None else coarse(verdict.found),
        estimate=None if verdict.estimate is None else coarse(verdict.estimate),
    )


def _interval(interval: Interval) -> Interval:
    return Interval(coarse(interval.low), coarse(interval.high))


def _metrics(metrics: Metrics) -> Metrics:
    return replace(
        metrics,
        loss=coarse(metrics.loss),
        loss_interval=_interval(metrics.loss_interval),
        brier=coarse(metrics.brier),
        brier_interval=_interval(metrics.brier_interval),
        ece=coarse(metrics.ece),
        ece_interval=_interval(metrics.ece_interval),
    )


def _class_score(score: ClassScore) -> ClassScore:
    return replace(
        score,
        auc=None if score.auc is None else coarse(score.auc),
        mean_loss=None if score.mean_loss is None else coarse(score.mean_loss),
    )


def _bin(one: ReliabilityBin) -> ReliabilityBin:
    return replace(one, confidence=None if one.confidence is None else coarse(one.confidence))
