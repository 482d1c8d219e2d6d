"""The outcome of grading one export, and how it travels between processes as JSON."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acceptance.exports.corpus import Answers
from acceptance.watched.sightings import Sighting

_CELL = "probability["


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one export.

    Attributes:
        exit_code: Of the command, or of the error raised; None if the process died.
        message: The message given instead of answers; empty where there are answers.
        answers: None where it was not graded.
        wall_s: For this export alone.
        faults: What it was seen to do and must not do.
    """

    exit_code: int | None
    message: str
    answers: Answers | None
    wall_s: float
    faults: tuple[Sighting, ...]


def as_reply(outcome: Outcome) -> dict[str, Any]:
    """An outcome as values that JSON can hold."""
    answers = outcome.answers
    return {
        "exit_code": outcome.exit_code,
        "message": outcome.message,
        "images": None if answers is None else list(answers.images),
        "vocab": None if answers is None else list(answers.vocab),
        "probabilities": None if answers is None else answers.probabilities.tolist(),
        "wall_s": outcome.wall_s,
        "faults": [asdict(fault) for fault in outcome.faults],
    }


def outcome_of(reply: dict[str, Any] | None) -> Outcome:
    """The outcome in a worker's reply; no reply means that its process died or was too slow."""
    if reply is None:
        message = "the process died or ran out of time"
        return Outcome(exit_code=None, message=message, answers=None, wall_s=0.0, faults=())
    answers = None
    if reply["probabilities"] is not None:
        answers = Answers(
            images=tuple(reply["images"]),
            vocab=tuple(reply["vocab"]),
            probabilities=np.array(reply["probabilities"], dtype=np.float64),
        )
    return Outcome(
        exit_code=reply["exit_code"],
        message=reply["message"],
        answers=answers,
        wall_s=reply["wall_s"],
        faults=tuple(Sighting(**fault) for fault in reply["faults"]),
    )


def answers_of_csv(path: Path) -> Answers:
    """The answers in a predictions.csv that `grader evaluate --out` wrote; every digit counts.

    An image that could not be read has no answer.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["prediction"]]
    columns = [name for name in rows[0] if name.startswith(_CELL)] if rows else []
    return Answers(
        images=tuple(row["image"] for row in rows),
        vocab=tuple(name.removeprefix(_CELL).removesuffix("]") for name in columns),
        probabilities=_numbers([row[name] for name in columns] for row in rows),
    )


def _numbers(cells: Iterable[Iterable[str]]) -> NDArray[np.float64]:
    return np.array([list(map(float, row)) for row in cells], dtype=np.float64)
