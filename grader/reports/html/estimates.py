"""The overall numbers of both models, with the positions of their intervals on an axis."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.results.report import GradeReport
from grader.results.scores import Interval, Metrics
from grader.words.language import Language
from grader.words.metrics import metric_name, top_k_name

# To be among the first k of hardly more classes says nothing.
_LEAST_CLASSES_PER_K = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number and its interval, in words and as positions from 0 to 1 on its row's axis.

    `exact` is the number with more digits, for a tooltip.
    """

    text: str
    exact: str
    interval_text: str
    place: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """One metric: the candidate's estimate, then the baseline's if there is one."""

    name: str
    estimates: tuple[Estimate, ...]


def estimate_rows(report: GradeReport, language: Language) -> Iterator[EstimateRow]:
    """Every metric that has an interval and says something that no other does.

    Axes for shares end at 1, others at the largest bound.
    """
    models = [report.scores.metrics]
    if report.comparison is not None:
        models.append(report.comparison.baseline_scores.metrics)
    has_unreadable = report.test_set.n_counted > models[0].n_scored
    n_classes = len(report.test_set.classes)
    columns = [
        tuple(_shares(metrics, language, n_classes=n_classes, has_unreadable=has_unreadable))
        for metrics in models
    ]
    for cells in zip(*columns, strict=True):
        estimates = tuple(share_estimate(value, interval, language) for _, value, interval in cells)
        yield EstimateRow(name=cells[0][0], estimates=estimates)
    columns = [tuple(_numbers(metrics, language)) for metrics in models]
    for cells in zip(*columns, strict=True):
        largest = max(interval.high for _, _, interval in cells) or 1.0
        estimates = tuple(
            _estimate(
                (language.number(value), language.number(value, n_digits=6)),
                language.plain_interval(interval),
                (value, *interval),
                axis_end=largest,
            )
            for _, value, interval in cells
        )
        yield EstimateRow(name=cells[0][0], estimates=estimates)


def share_estimate(value: float, interval: Interval, language: Language) -> Estimate:
    """A share in [0, 1], on an axis from 0 to 1."""
    texts = language.percent(value), language.number(value, n_digits=6)
    return _estimate(texts, language.interval(interval), (value, *interval), axis_end=1.0)


def _estimate(
    texts: tuple[str, str],
    interval_text: str,
    numbers: tuple[float, float, float],
    *,
    axis_end: float,
) -> Estimate:
    place, low, high = (number / axis_end for number in numbers)
    return Estimate(
        text=texts[0],
        exact=texts[1],
        interval_text=interval_text,
        place=place,
        low=low,
        high=high,
    )


def _shares(
    metrics: Metrics, language: Language, *, n_classes: int, has_unreadable: bool
) -> Iterator[tuple[str, float, Interval]]:
    yield metric_name("accuracy", language), metrics.accuracy, metrics.accuracy_interval
    if has_unreadable:
        yield (
            metric_name("accuracy_readable", language),
            metrics.accuracy_readable,
            metrics.accuracy_readable_interval,
        )
    yield (
        metric_name("balanced_accuracy", language),
        metrics.balanced_accuracy,
        metrics.balanced_accuracy_interval,
    )
    yield metric_name("macro_f1", language), metrics.macro_f1, metrics.macro_f1_interval
    for one in metrics.top_k:
        if _LEAST_CLASSES_PER_K * one.k <= n_classes:
            yield top_k_name(one.k, language), one.accuracy, one.interval
    yield metric_name("ece", language), metrics.ece, metrics.ece_interval


def _numbers(metrics: Metrics, language: Language) -> Iterator[tuple[str, float, Interval]]:
    yield metric_name("loss", language), metrics.loss, metrics.loss_interval
    yield metric_name("brier", language), metrics.brier, metrics.brier_interval
