"""Positions on the horizontal axis of a plot, from 0 to 100 % of its width."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from grader.results.scores import Interval
from grader.words.language import Language

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_STEPS = 5
_MARGIN = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis, and what stands there."""

    place: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis for shares, from `low` to `high`, with a tick at every `step`."""

    low: float
    high: float
    step: float

    def place(self, value: float) -> float:
        """Where a value lies, in percent of the width."""
        return round(100 * (value - self.low) / (self.high - self.low), 2)

    def ticks(self, language: Language) -> tuple[Tick, ...]:
        """A place for every step, the ends included."""
        n_steps = round((self.high - self.low) / self.step)
        values = (self.low + number * self.step for number in range(n_steps + 1))
        return tuple(
            Tick(place=self.place(value), text=language.percent(value, n_digits=0))
            for value in values
        )


WHOLE_AXIS = Axis(low=0.0, high=1.0, step=0.25)


def axis_around(values: Iterable[float]) -> Axis:
    """The shortest axis that holds all values and a margin, with few and round steps.

    Args:
        values: Shares, at least one; what lies outside [0, 1] counts as its end.
    """
    shares = tuple(min(max(value, 0.0), 1.0) for value in values)
    least = max(0.0, min(shares) - _MARGIN)
    most = min(1.0, max(shares) + _MARGIN)
    for step in _STEPS:
        low, high = step * math.floor(least / step + 1e-9), step * math.ceil(most / step - 1e-9)
        if high - low <= _MOST_STEPS * step + 1e-9:
            return Axis(low=round(low, 4), high=round(min(high, 1.0), 4), step=step)
    return WHOLE_AXIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A share with its interval on an axis.

    Attributes:
        model: Which of the two it is about.
        text: The share, in one precision.
        exact: The share with more digits, for a tooltip.
        interval_text: The interval.
        place: Of the share.
        low: Place of the interval's low end.
        high: Place of its high end.
    """

    model: str
    text: str
    exact: str
    interval_text: str
    place: float
    low: float
    high: float


def mark(model: str, value: float, interval: Interval, *, axis: Axis, language: Language) -> Mark:
    """A model's share as a mark on an axis."""
    return Mark(
        model=model,
        text=language.percent(value),
        exact=language.number(value, n_digits=6),
        interval_text=language.interval(interval),
        place=axis.place(value),
        low=axis.place(max(interval.low, axis.low)),
        high=axis.place(min(interval.high, axis.high)),
    )
