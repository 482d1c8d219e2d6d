"""A folder of hostile exports: its index as frozen values, and how each file may end.

The folder holds `index.tsv`, the files beside it or in `files/`, and `images/`.
"""

import csv
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

CONTROL = "control"


class Score(Enum):
    """How much of a graded file's score must equal the honest control's."""

    ALL = "right images and loss"
    RIGHT_IMAGES = "right images"
    TIES = "none, but its ties are counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One file, and what is expected of it.

    Attributes:
        file: Its path.
        group: The index's class, such as exec or cheat; `control` is the honest file.
        technique: What it tries.
        may_be_graded: Whether it may be graded.
        may_be_refused: Whether it may be refused.
        score: What its score must be if it is graded.
    """

    file: Path
    group: str
    technique: str
    may_be_graded: bool
    may_be_refused: bool
    score: Score


def read_cases(folder: Path) -> tuple[Case, ...]:
    """The cases of a folder's index, in its order."""
    with (folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        return tuple(_case(folder, cells) for cells in csv.DictReader(file, delimiter="\t"))


def _case(folder: Path, cells: dict[str, str]) -> Case:
    nested = folder / "files" / cells["file"]
    expected, said = cells["expected"], f"{cells['technique']}; {cells['note'] or ''}"
    return Case(
        file=nested if nested.exists() else folder / cells["file"],
        group=cells["class"],
        technique=cells["technique"],
        may_be_graded="graded" in expected,
        may_be_refused="refused" in expected or "or refused" in said,
        score=_score(said),
    )


def _score(said: str) -> Score:
    """How much of the control's score a technique leaves: all, unless the index says otherwise."""
    if re.search(r"\bties?\b", said):
        return Score.TIES
    # Another activation changes the outputs if it is in the network, but not if it is the loss's.
    if re.search(r"argmax unchanged|not calibrated|(?<!loss_func\.)\bactivation\b", said):
        return Score.RIGHT_IMAGES
    return Score.ALL
