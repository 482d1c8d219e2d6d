"""The settings of one transform, each checked as it is read from the inert graph."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import Repr
from typing import TypeGuard, TypeVar

from grader.loading.inert.nodes import Node, TensorNode
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.inert.tensors import numbers_of
from grader.results.preprocessing import Size

MAX_SIDE_PX = 4096
_MAX_PIXELS = 2**22

_MAX_EDGES = 200
_N_FILTERS = 6  # of PIL: nearest, Lanczos, bilinear, bicubic, box, Hamming

_Text = TypeVar("_Text", bound=str)


class UnknownSettingError(Exception):
    """A setting that the grader can't follow; the text is a clause about the transform."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a transform's attributes say."""

    nodes: Mapping[str, Node]

    def value(self, name: str) -> object:
        """A plain value; None if it is missing.

        Raises:
            UnknownSettingError: If it is more than a plain value.
        """
        try:
            found: object = plain_value(self.nodes.get(name), max_edges=_MAX_EDGES)
        except NotPlainError as error:
            raise UnknownSettingError(f"whose {name} is {error}") from error
        return found

    def choice(
        self, name: str, allowed: tuple[_Text, ...], *, default: _Text | None = None
    ) -> _Text:
        """One of the allowed words.

        Args:
            name: Of the setting.
            allowed: The words.
            default: What a missing setting, or None, stands for; without it they are errors too.

        Raises:
            UnknownSettingError: If it is another word.
        """
        found = self.value(name)
        if found is None and default is not None:
            return default
        for word in allowed:
            if found == word:
                return word
        raise UnknownSettingError(
            f"whose {name} is {shown(found)}, not one of {', '.join(allowed)}"
        )

    def number(self, name: str, *, low: float, high: float) -> float:
        """A finite number, as float or int, within its bounds.

        Raises:
            UnknownSettingError: If it is not a number, or is out of bounds.
        """
        found = self.value(name)
        if not _is_number(found) or not low <= found <= high:
            raise UnknownSettingError(
                f"whose {name} is {shown(found)}, not a number from {low:g} to {high:g}"
            )
        return found

    def flag(self, name: str) -> bool:
        """True or false; None counts as false, as in torch.

        Raises:
            UnknownSettingError: If it is something else.
        """
        found = self.value(name)
        if found is not None and not isinstance(found, bool):
            raise UnknownSettingError(f"whose {name} is {shown(found)}, neither true nor false")
        return bool(found)

    def size(self, name: str) -> Size:
        """Two sides in the order of the file; one number stands for both.

        Raises:
            UnknownSettingError: If they are not whole numbers, or too large.
        """
        found = self.value(name)
        sides = tuple(found) if isinstance(found, (tuple, list)) else (found, found)
        return checked_size(sides, name)

    def resample(self, name: str) -> int:
        """PIL's number for a filter.

        Raises:
            UnknownSettingError: If it is not one of PIL's.
        """
        found = self.value(name)
        if not isinstance(found, int) or isinstance(found, bool) or found not in range(_N_FILTERS):
            raise UnknownSettingError(f"whose {name} is {shown(found)}, not a filter of PIL")
        return int(found)

    def channel_values(
        self, name: str, *, shapes: tuple[tuple[int, ...], ...]
    ) -> tuple[float, ...]:
        """A number for each channel, or one for all.

        Args:
            name: Of a tensor or a number.
            shapes: The shapes in which several numbers run along the channels.

        Raises:
            UnknownSettingError: If they are something else, or run along another axis.
        """
        node = self.nodes.get(name)
        if not isinstance(node, TensorNode):
            return (self.number(name, low=-math.inf, high=math.inf),)
        values = numbers_of(node)
        if values is None or not all(map(math.isfinite, values)):
            raise UnknownSettingError(f"whose {name} is not a tensor of finite numbers")
        if len(values) != 1 and node.shape not in shapes:
            raise UnknownSettingError(f"whose {name} has the shape {node.shape}")
        return values


def checked_size(sides: tuple[object, ...], name: str) -> Size:
    """Two sides within the grader's limits.

    Raises:
        UnknownSettingError: If they are not whole numbers, or too large.
    """
    match sides:
        case (int(first), int(second)) if bool not in map(type, sides) and min(first, second) > 0:
            if max(first, second) > MAX_SIDE_PX or first * second > _MAX_PIXELS:
                raise UnknownSettingError(
                    f"whose {name} is {first} x {second} pixels: the grader takes sides up to"
                    f" {MAX_SIDE_PX} and {_MAX_PIXELS} pixels in all"
                )
            return first, second
    raise UnknownSettingError(f"whose {name} is {shown(sides)}, not two whole numbers of pixels")


def shown(value: object) -> str:
    """The beginning of how Python writes a value, however large it is."""
    return f"{Repr().repr(value):.40}"


def _is_number(value: object) -> TypeGuard[float]:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return isinstance(value, int) or math.isfinite(value)
