"""Whether the outcome of an export is what its row of the corpus expects."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from acceptance.exports.corpus import Row, largest_deviation, read_reference
from acceptance.exports.outcomes import Outcome
from acceptance.watched.sightings import said_of
from grader.errors import ModelRefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One row, and how its export did.

    Attributes:
        row: The row.
        faults: Why it fails; empty where all is as expected.
        deviation: The largest from the reference; None where nothing could be compared.
        wall_s: How long it took.
    """

    row: Row
    faults: tuple[str, ...]
    deviation: float | None
    wall_s: float


def judge(row: Row, outcome: Outcome) -> Judgement:
    """Compare an outcome with what its row expects."""
    deviation = _deviation(row, outcome)
    said = (
        _faults_of_graded(row, outcome, deviation) if row.is_gradable else _unrefused(row, outcome)
    )
    return Judgement(
        row=row,
        faults=(*said, *said_of(outcome.faults)),
        deviation=deviation,
        wall_s=outcome.wall_s,
    )


def _deviation(row: Row, outcome: Outcome) -> float | None:
    if outcome.answers is None or not row.is_gradable:
        return None
    try:
        return largest_deviation(outcome.answers, read_reference(row))
    except LookupError:
        return None


def _faults_of_graded(row: Row, outcome: Outcome, deviation: float | None) -> Iterable[str]:
    if outcome.answers is None:
        yield f"exit code {outcome.exit_code}: {outcome.message}"
    elif deviation is None:
        yield "its answers are about other images or classes than the reference"
    elif not deviation <= row.tolerance:  # Also if it is NaN.
        yield f"off by {deviation:.2g}, tolerance {row.tolerance:g}"


def _unrefused(row: Row, outcome: Outcome) -> Iterable[str]:
    if outcome.answers is not None:
        yield f"graded, though: {row.why}"
    elif outcome.exit_code != ModelRefusedError.exit_code:
        yield f"exit code {outcome.exit_code}: {outcome.message}"
    elif not names_reason(_without_path(outcome.message, row.export), row.why):
        yield f"refused, but not because {row.why!r}: {outcome.message}"


def _without_path(message: str, export: Path) -> str:
    """The message without the file's name, which may contain the reason by chance."""
    return message.replace(str(export), "").replace(export.name, "")


def names_reason(message: str, why: str) -> bool:
    """Whether a message gives the reason that an index gives.

    The message must contain the reason's key word: the last one in parentheses, as in "(class
    StudentNet)"; else what follows "not a Learner:", without its article; else what comes before
    the colon.
    """
    return _plain(_key_of(why)) in _plain(message)


def _key_of(why: str) -> str:
    bracketed = re.search(r"(\S+)\)", why)
    if bracketed is not None:
        return bracketed[1]
    subject, _, rest = why.partition(":")
    if subject == "not a Learner":
        return re.sub(r"^(an?|the) ", "", rest.strip())
    return subject


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[-\s]+", " ", text.casefold()).split())
