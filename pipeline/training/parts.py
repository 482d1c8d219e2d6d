"""Items under a loader, with the number by which fastai's transforms know whether to augment.

A loader hands its data set's number to the transforms at each start; without one they augment.
"""

from typing import Any, Final, Protocol

AUGMENTED: Final = 0
AS_GRADED: Final = 1


class Items(Protocol):
    """Pairs of an image and its label, by index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, Any]: ...


class Part:
    """Pairs of an image and its label, for training or as a grader sees them.

    Attributes:
        split_idx: `AUGMENTED` or `AS_GRADED`; fastai reads it.
    """

    def __init__(self, items: Items, *, split_idx: int) -> None:
        self._items = items
        self.split_idx = split_idx

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self._items[index]
