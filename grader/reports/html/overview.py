"""What the first screen of a page shows: each value is one of its pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.reports.html.axis import Axis, Mark, Tick, axis_around, mark
from grader.reports.html.galleries import Card, Gallery
from grader.reports.tables import TextTable, rubric_table
from grader.results.report import GradeReport, Notice, Verdict
from grader.results.scores import ClassScore, ConfusedPair, Interval, ModelScores
from grader.words.language import Language
from grader.words.notices import touches_grade
from grader.words.rules import rule_number, rule_text
from hidden_test_spec.rules import parse_rule

N_MISTAKES = 3
_N_PAIR = 2
_MOST_SQUARES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a rule of the rubric requires, as a place on an axis."""

    place: float
    text: str
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyPicture:
    """The accuracy of both models on one axis, the candidate's first, with the rubric's lines."""

    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]


def accuracy_picture(report: GradeReport, language: Language) -> AccuracyPicture:
    """The picture; its axis is only as long as it must be."""
    found = [
        ("candidate" if number == 0 else "baseline", one.metrics)
        for number, one in enumerate(_scores_of(report))
    ]
    required = [one for one in report.verdicts if parse_rule(one.criterion).metric == "accuracy"]
    shares = [bound for _, one in found for bound in (one.accuracy, *one.accuracy_interval)]
    axis = axis_around([*shares, *(one.required for one in required)])
    return AccuracyPicture(
        marks=tuple(
            mark(model, one.accuracy, one.accuracy_interval, axis=axis, language=language)
            for model, one in found
        ),
        lines=tuple(_line(one, axis, language) for one in required),
        ticks=axis.ticks(language),
    )


def _scores_of(report: GradeReport) -> tuple[ModelScores, ...]:
    compared = report.comparison
    return (report.scores,) if compared is None else (report.scores, compared.baseline_scores)


def _line(verdict: Verdict, axis: Axis, language: Language) -> Line:
    text = language.gettext("{share} required").format(share=language.percent(verdict.required))
    return Line(place=axis.place(verdict.required), text=text, is_met=verdict.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLine:
    """One criterion of the rubric: its rule in words, what was found, and its points."""

    rule: str
    found: str
    points: str
    is_met: bool


def criterion_lines(report: GradeReport, language: Language) -> Iterator[CriterionLine]:
    """Each criterion, in the rubric's order."""
    for verdict in report.verdicts:
        rule = parse_rule(verdict.criterion)
        yield CriterionLine(
            rule=rule_text(verdict.criterion, language),
            found=rule_number(rule, verdict.found, language),
            points=f"{verdict.points:g} / {verdict.points_possible:g}",
            is_met=verdict.passed,
        )


def worded_rubric(report: GradeReport, language: Language) -> TextTable:
    """The rubric's table with its rules in words."""
    table = rubric_table(report, language)
    rows = zip(report.verdicts, table.rows, strict=True)
    return replace(
        table,
        rows=tuple((rule_text(one.criterion, language), *row[1:]) for one, row in rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """Improvements and regressions as squares.

    Attributes:
        n_improvements: How many there are.
        n_regressions: How many there are.
        improvements: Squares for them.
        regressions: Squares for them.
        n_per_square: How many images a square stands for.
    """

    n_improvements: int
    n_regressions: int
    improvements: int
    regressions: int
    n_per_square: int


def flips(n_improvements: int, n_regressions: int) -> Flips:
    """At most two dozen squares of each kind; the last of a kind may stand for fewer images."""
    n_per_square = -(-max(n_improvements, n_regressions) // _MOST_SQUARES) or 1
    return Flips(
        n_improvements=n_improvements,
        n_regressions=n_regressions,
        improvements=-(-n_improvements // n_per_square),
        regressions=-(-n_regressions // n_per_square),
        n_per_square=n_per_square,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstClass:
    """The class with the lowest recall: the candidate's mark, then the baseline's."""

    label: str
    support: int
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]


def worst_class(report: GradeReport, language: Language) -> WorstClass | None:
    """Among classes with images that aren't withheld; None if there is none, or all are right."""
    known = [
        (recall, one) for one in report.scores.per_class if (recall := _recall(one)) is not None
    ]
    if not known:
        return None
    (value, _), worst = min(known, key=lambda pair: (pair[0][0], pair[0][1].high))
    if value == 1:
        return None
    axis = Axis(low=0.0, high=1.0, step=0.5)
    number = report.scores.per_class.index(worst)
    both = [_recall(one.per_class[number]) for one in _scores_of(report)]
    return WorstClass(
        label=worst.label,
        support=worst.support or 0,
        marks=tuple(
            mark(model, *recall, axis=axis, language=language)
            for model, recall in zip(("candidate", "baseline"), both, strict=False)
            if recall is not None
        ),
        ticks=axis.ticks(language),
    )


def _recall(score: ClassScore) -> tuple[float, Interval] | None:
    if score.recall is None or score.recall_interval is None:
        return None
    return score.recall, score.recall_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """The pair of classes that the candidate confused most, with two of its images."""

    pair: ConfusedPair
    support: int | None
    positions: tuple[int, ...]


def top_confusion(report: GradeReport, cards: Sequence[Card]) -> Confusion | None:
    """The most frequent pair; None if nothing was confused.

    Args:
        report: The report.
        cards: Its images; none in a student's edition.
    """
    if not report.scores.most_confused:
        return None
    pair = report.scores.most_confused[0]
    classes = report.test_set.classes
    cell = classes.index(pair.label), classes.index(pair.prediction)
    found = [
        (card.candidate.probability, -position)
        for position, card in enumerate(cards)
        if (card.target, card.candidate.prediction) == cell
    ]
    return Confusion(
        pair=pair,
        support=report.scores.per_class[cell[0]].support,
        positions=tuple(-position for _, position in sorted(found, reverse=True)[:_N_PAIR]),
    )


def shown_mistakes(galleries: Sequence[Gallery], confusion: Confusion | None) -> tuple[int, ...]:
    """Positions of three mistakes: what the candidate broke, then where it was surest.

    Images that stand beside the most frequent confusion come last, if there are too few others.
    """
    beside = () if confusion is None else confusion.positions
    by_kind = {gallery.kind: gallery.positions for gallery in galleries}
    wanted = dict.fromkeys((*by_kind.get("regressions", ()), *by_kind.get("confident", ())))
    return tuple(sorted(wanted, key=lambda position: position in beside)[:N_MISTAKES])


def grade_notices(report: GradeReport) -> tuple[Notice, ...]:
    """Notices that tell of something which may have moved the grade."""
    return tuple(one for one in report.notices if touches_grade(one))


def other_notices(report: GradeReport) -> tuple[Notice, ...]:
    """All other notices."""
    return tuple(one for one in report.notices if not touches_grade(one))
