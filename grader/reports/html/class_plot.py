"""The recall of each class before and after, as rows of one plot."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.reports.html.axis import WHOLE_AXIS, Mark, mark
from grader.results.comparisons import ClassChange, Direction
from grader.results.report import GradeReport
from grader.words.comparisons import class_sentence
from grader.words.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class.

    Attributes:
        label: Its name.
        support: Its images; None where that is withheld.
        marks: Recalls, the candidate's first; none where they are undefined or withheld.
        recall: The candidate's.
        change: What changed in it; None without a baseline.
        direction: Whether it got better or worse, if these images can tell.
        sentence: What the images show about the change; empty without a baseline.
    """

    label: str
    support: int | None
    marks: tuple[Mark, ...]
    recall: float | None
    change: ClassChange | None
    direction: Direction
    sentence: str


def class_rows(report: GradeReport, language: Language) -> tuple[ClassRow, ...]:
    """One row for each class, the lowest recall first; undefined ones come last."""
    rows = _rows(report, language)
    return tuple(sorted(rows, key=lambda row: (row.recall is None, row.recall)))


def n_undecided(rows: tuple[ClassRow, ...]) -> int:
    """Classes with images of which nothing can be told."""
    return sum(row.change is not None and row.direction == "undecided" for row in rows)


def _rows(report: GradeReport, language: Language) -> Iterator[ClassRow]:
    compared = report.comparison
    for number, score in enumerate(report.scores.per_class):
        both = [("candidate", score)]
        change = None
        if compared is not None:
            change = compared.per_class[number]
            both.append(("baseline", compared.baseline_scores.per_class[number]))
        yield ClassRow(
            label=score.label,
            support=score.support,
            marks=tuple(
                mark(model, one.recall, one.recall_interval, axis=WHOLE_AXIS, language=language)
                for model, one in both
                if one.recall is not None and one.recall_interval is not None
            ),
            recall=score.recall,
            change=change,
            direction="undecided" if change is None else change.direction,
            sentence="" if change is None else class_sentence(change, language),
        )
