"""Tests of several classes at once: Holm's correction, over the classes that could be told at all.

Tarone (1990): a class with few flips could not reach a small p whichever way they fell, so it can't
raise a false alarm and need not be corrected for. Which classes these are depends on the number of
flips alone and not on their direction, so Holm's method (1979) within the others keeps its promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.results.comparisons import FlipKind
from grader.scoring.paired import mcnemar_p


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFlips:
    """The flips of a class, and what the baseline left to flip.

    Attributes:
        n_regressions: How many of its images the candidate broke.
        n_improvements: How many it fixed.
        n_right_before: Images that the baseline got right: the most that could be broken.
        n_wrong_before: Images that the baseline got wrong: the most that could be fixed.
        weight: How much one of its images counts for: 1, or less where some show the same photo.
    """

    n_regressions: int
    n_improvements: int
    n_right_before: int
    n_wrong_before: int
    weight: float = 1.0

    @property
    def p_value(self) -> float:
        """McNemar's mid-p."""
        return mcnemar_p(self.weight * self.n_regressions, self.weight * self.n_improvements)

    @property
    def least_p(self) -> float:
        """What it would be if all of these flips went one way."""
        return mcnemar_p(0, self.weight * (self.n_regressions + self.n_improvements))

    def with_more(self, n_flips: int, kind: FlipKind) -> "ClassFlips":
        """The same class with this many flips of a kind."""
        if kind == "regressions":
            return replace(self, n_regressions=n_flips)
        return replace(self, n_improvements=n_flips)


def corrected_p(classes: Sequence[ClassFlips], *, alpha: float) -> tuple[float, ...]:
    """P values corrected for their number, in the same order; 1 where a class could not be told.

    Args:
        classes: Those that have images.
        alpha: The chance of a false alarm in any of them, in (0, 1).
    """
    p_values = [one.p_value for one in classes]
    chosen = within_reach([one.least_p for one in classes], alpha=alpha)
    corrected = dict(zip(chosen, holm([p_values[index] for index in chosen]), strict=True))
    return tuple(corrected.get(index, 1.0) for index in range(len(classes)))


def within_reach(least: Sequence[float], *, alpha: float) -> tuple[int, ...]:
    """Positions of the tests that could reach alpha over their own number (Tarone 1990).

    Args:
        least: The smallest p that each test can have.
        alpha: For all tests together.

    Example:
        >>> within_reach((0.5, 0.25, 0.03, 0.001), alpha=0.05)
        (3,)
        >>> within_reach((0.5, 0.25, 0.02, 0.001), alpha=0.05)
        (2, 3)
    """
    for n_tests in range(1, len(least) + 1):
        found = tuple(index for index, p in enumerate(least) if p < alpha / n_tests)
        if len(found) <= n_tests:
            return found
    return ()


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P values corrected for their number (Holm 1979), in the same order.

    Example:
        >>> holm((0.01, 0.25, 0.02))
        (0.03, 0.25, 0.04)
    """
    corrected, at_least = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        at_least = max(at_least, min(p_values[index] * (len(p_values) - rank), 1.0))
        corrected[index] = at_least
    return tuple(corrected)


def flips_to_tell(
    classes: Sequence[ClassFlips], index: int, *, alpha: float
) -> tuple[int, FlipKind | None] | None:
    """The fewest flips of a class's more frequent kind that would tell a change.

    The other kind and all other classes stay as they are. No more images can be fixed than the
    baseline got wrong, and no more broken than it got right.

    Args:
        classes: Those that have images.
        index: Which of them.
        alpha: For all classes together.

    Returns:
        The count and its kind, which is None where either kind would do; None if even all of its
        images would not be enough.
    """
    one = classes[index]
    balance = one.n_improvements - one.n_regressions
    if balance:
        kind: FlipKind = "improvements" if balance > 0 else "regressions"
        found = _fewest(classes, index, kind, alpha=alpha)
        return None if found is None else (found, kind)
    broken = _fewest(classes, index, "regressions", alpha=alpha)
    fixed = _fewest(classes, index, "improvements", alpha=alpha)
    if broken is not None and fixed is not None:
        return broken, None
    if broken is not None:
        return broken, "regressions"
    return None if fixed is None else (fixed, "improvements")


def _fewest(
    classes: Sequence[ClassFlips], index: int, kind: FlipKind, *, alpha: float
) -> int | None:
    one = classes[index]
    low, high = (
        (one.n_regressions, one.n_right_before)
        if kind == "regressions"
        else (one.n_improvements, one.n_wrong_before)
    )

    def is_told(n_flips: int) -> bool:
        changed = [*classes]
        changed[index] = one.with_more(n_flips, kind)
        return corrected_p(changed, alpha=alpha)[index] < alpha

    if not is_told(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_told(middle) else (middle + 1, high)
    return high
