"""What is measured: which programs, on which exports, on how many photos, how often."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias

Contender: TypeAlias = Literal[
    "grader", "grader_two", "grader_ten", "get_preds", "get_preds_2", "full_script", "timm",
    "torchvision",
]  # fmt: skip

FAMILIES = ("resnet18", "tf_efficientnet_lite0", "resnext50_32x4d")
N_FEW, N_USUAL = 6, 120
N_MODELS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One program on one export and so many photos, in one round."""

    contender: Contender
    family: str
    n_photos: int
    round: int

    @property
    def key(self) -> str:
        """The same for the same point."""
        return f"{self.contender} {self.family} {self.n_photos} {self.round}"


def points(*, is_quick: bool) -> Iterator[Point]:
    """All points, in the order in which they are measured: in each round, all take turns."""
    n_rounds, n_many = (3, 480) if is_quick else (5, 2000)
    for number in range(n_rounds):
        for family in FAMILIES:
            if is_quick and number and family != "resnet18":
                continue
            yield from _round(family, number, n_many, is_quick=is_quick)


def _round(family: str, number: int, n_many: int, *, is_quick: bool) -> Iterator[Point]:
    usual: tuple[Contender, ...] = ("grader", "full_script", "get_preds", "grader_two")
    few: tuple[Contender, ...] = ("grader", "get_preds")
    many: tuple[Contender, ...] = few if family == "resnet18" or not is_quick else ()
    if not is_quick:
        usual, many = (*usual, "get_preds_2", "timm", "torchvision"), (*few, "get_preds_2")
    if family == "resnet18" and number == 0:
        usual = (*usual, "grader_ten")
    turns = chain(
        ((contender, N_USUAL) for contender in usual),
        ((contender, N_FEW) for contender in few),
        ((contender, n_many) for contender in many),
    )
    for contender, n_photos in turns:
        yield Point(contender=contender, family=family, n_photos=n_photos, round=number)
