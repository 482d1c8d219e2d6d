"""A folder of real exports with reference answers: its index and its answers as frozen values.

The folder holds `index.tsv`, folders of images, and exports with a JSON record beside each.
"""

import csv
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hidden_test_spec.labels import label_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One export, and what is expected of it.

    Attributes:
        export: Its path.
        name: Its path as the index gives it.
        kind: What is special about it.
        fastai: The version that made it.
        images: The test folder.
        is_gradable: Whether it should be graded, and not refused.
        why: The reason for refusing it; empty where it can be graded.
        comparable: Positions in the reference's files that can be compared; None means all.
        tolerance: How far a probability may be from the reference.
        are_scores: Whether the reference needs a softmax.
    """

    export: Path
    name: str
    kind: str
    fastai: str
    images: Path
    is_gradable: bool
    why: str
    comparable: tuple[int, ...] | None
    tolerance: float
    are_scores: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Probabilities of classes for images.

    Attributes:
        images: Names relative to the test folder, with slashes.
        vocab: Classes, in the order of the columns.
        probabilities: Shape (n_images, n_classes), float64.
    """

    images: tuple[str, ...]
    vocab: tuple[str, ...]
    probabilities: NDArray[np.float64]


def read_rows(folder: Path) -> tuple[Row, ...]:
    """The rows of a folder's index, in its order."""
    with (folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        return tuple(_row(folder, cells) for cells in csv.DictReader(file, delimiter="\t"))


def _row(folder: Path, cells: dict[str, str]) -> Row:
    listed = cells["comparable"]
    return Row(
        export=folder / cells["path"],
        name=cells["path"],
        kind=cells["kind"],
        fastai=cells["fastai"],
        images=folder / cells["images"],
        is_gradable=cells["expected"] == "graded",
        why=cells["why"],
        comparable=None if listed == "all" else tuple(map(int, listed.split(","))),
        tolerance=float(cells["tolerance"]),
        are_scores=cells["reference"] == "scores",
    )


def read_reference(row: Row) -> Answers:
    """What the environment that made an export answered, on the comparable pictures."""
    record: dict[str, Any] = json.loads(row.export.with_suffix(".json").read_text("utf-8"))
    numbers = np.array(record["probs"], dtype=np.float64)
    names = [composed(name.partition("/")[2]) for name in record["files"]]
    kept = list(range(len(names)) if row.comparable is None else row.comparable)
    return Answers(
        images=tuple(names[position] for position in kept),
        vocab=tuple(record["vocab"]),
        probabilities=softmax(numbers[kept]) if row.are_scores else numbers[kept],
    )


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores of shape (n_images, n_classes) as probabilities."""
    powers: NDArray[np.float64] = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def composed(name: str) -> str:
    """A name in composed Unicode, as it is compared."""
    return unicodedata.normalize("NFC", name)


def largest_deviation(answers: Answers, reference: Answers) -> float:
    """The largest distance of a probability from the reference's, by name of image and class.

    Raises:
        LookupError: If an image or a class of the reference has no answer.
    """
    row_of = {composed(image): position for position, image in enumerate(answers.images)}
    column_of = {label_key(label): position for position, label in enumerate(answers.vocab)}
    rows = [row_of[image] for image in reference.images]
    columns = [column_of[label_key(label)] for label in reference.vocab]
    found = answers.probabilities[np.ix_(rows, columns)]
    return float(np.abs(found - reference.probabilities).max())
