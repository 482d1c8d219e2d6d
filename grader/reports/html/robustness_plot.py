"""The accuracy on worse photos, as rows of one plot."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.reports.html.axis import Axis, Mark, Tick, axis_around, mark
from grader.results.report import GradeReport
from grader.results.scores import Interval, ModelScores
from grader.words.language import Language
from grader.words.rules import corruption_name
from hidden_test_spec.rules import parse_rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessRow:
    """What was done to the photos, and the accuracy of the candidate, then of the baseline."""

    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessPicture:
    """All rows on one axis, the photos as they are first.

    Attributes:
        rows: One for each corruption.
        ticks: Of the axis.
        sentence: What hurts the candidate most.
        is_judged: Whether a rule asks about one of them.
    """

    rows: tuple[RobustnessRow, ...]
    ticks: tuple[Tick, ...]
    sentence: str
    is_judged: bool


def robustness_picture(report: GradeReport, language: Language) -> RobustnessPicture:
    """The picture of a report whose robustness was measured."""
    rows = list(_shares(report, language))
    axis = axis_around(
        bound for _, shares in rows for value, interval in shares for bound in (value, *interval)
    )
    return RobustnessPicture(
        rows=tuple(
            RobustnessRow(name=name, marks=_marks(shares, axis, language)) for name, shares in rows
        ),
        ticks=axis.ticks(language),
        sentence=_sentence(report.scores, language),
        is_judged=any(parse_rule(one.criterion).corruption for one in report.verdicts),
    )


_Shares = tuple[tuple[float, Interval], ...]


def _shares(report: GradeReport, language: Language) -> Iterator[tuple[str, _Shares]]:
    compared = report.comparison
    models = [report.scores] if compared is None else [report.scores, compared.baseline_scores]
    yield (
        language.gettext("as they are"),
        tuple(
            (one.metrics.accuracy_readable, one.metrics.accuracy_readable_interval)
            for one in models
        ),
    )
    for cells in zip(*(one.robustness for one in models), strict=True):
        name = corruption_name(cells[0].corruption, language)
        yield name, tuple((one.accuracy, one.interval) for one in cells)


def _marks(shares: _Shares, axis: Axis, language: Language) -> tuple[Mark, ...]:
    return tuple(
        mark(model, value, interval, axis=axis, language=language)
        for model, (value, interval) in zip(("candidate", "baseline"), shares, strict=False)
    )


def _sentence(scores: ModelScores, language: Language) -> str:
    worst = min(scores.robustness, key=lambda one: one.accuracy)
    said = language.gettext("Lowest on photos that are {changed}: {share} instead of {usual}.")
    return said.format(
        changed=corruption_name(worst.corruption, language),
        share=language.percent(worst.accuracy),
        usual=language.percent(scores.metrics.accuracy_readable),
    )
