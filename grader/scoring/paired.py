"""Tests of paired answers: McNemar's exact test, equivalence within a margin, Holm's correction."""

from collections.abc import Sequence

from scipy.stats import binomtest, norm

from grader.results.comparisons import Direction, Equivalence
from grader.scoring.intervals import tango_z


def mcnemar_p(n_regressions: int, n_improvements: int) -> float:
    """Two-sided exact p of flips at least this uneven, if both kinds are equally likely; 1 if none.

    McNemar (1947); exact by the binomial distribution.

    Example:
        >>> mcnemar_p(0, 6)
        0.03125
    """
    n_flips = n_regressions + n_improvements
    return float(binomtest(n_regressions, n_flips).pvalue) if n_flips else 1.0


def direction_of(n_regressions: int, n_improvements: int, *, p: float, level: float) -> Direction:
    """Better or worse where p is below 1 - level, else undecided."""
    if p >= 1 - level:
        return "undecided"
    return "better" if n_improvements > n_regressions else "worse"


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P values corrected for their number (Holm 1979), in the same order.

    Not from statsmodels, which runs the garbage collector on every call, taking longer than the
    rest of a comparison.

    Example:
        >>> holm((0.01, 0.25, 0.02))
        (0.03, 0.25, 0.04)
    """
    corrected, at_least = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        at_least = max(at_least, min(p_values[index] * (len(p_values) - rank), 1.0))
        corrected[index] = at_least
    return tuple(corrected)


def holm_alpha(others: Sequence[float], *, alpha: float) -> float:
    """The bound below which Holm's method rejects one more p value beside these others.

    Example:
        >>> holm_alpha((0.5, 0.5), alpha=0.06), holm_alpha((0.001, 0.5), alpha=0.06)
        (0.02, 0.03)
    """
    n_left = len(others) + 1
    for p in sorted(others):
        if p * n_left >= alpha:
            break
        n_left -= 1
    return alpha / n_left


def n_flips_to_tell(
    n_regressions: int, n_improvements: int, *, n_most: int, alpha: float
) -> int | None:
    """Flips of the more frequent kind that would bring McNemar's p below alpha.

    The count of the less frequent kind stays as it is.

    Args:
        n_regressions: Seen so far.
        n_improvements: Seen so far.
        n_most: The most images that can flip.
        alpha: What p has to be below.

    Returns:
        The smallest such count; None if even all images would not be enough.

    Example:
        >>> n_flips_to_tell(0, 2, n_most=15, alpha=0.05)
        6
    """
    n_fewer, n_more = sorted((n_regressions, n_improvements))
    for n_flips in range(n_more, n_most - n_fewer + 1):
        if mcnemar_p(n_fewer, n_flips) < alpha:
            return n_flips
    return None


def equivalence(
    n_regressions: int, n_improvements: int, n_images: int, *, margin: float, level: float
) -> Equivalence:
    """Two one-sided tests of the change of accuracy, by Tango's score statistic.

    Schuirmann (1987) for the two tests; Tango (1998) for the statistic.

    Args:
        n_regressions: Right before, wrong now.
        n_improvements: Wrong before, right now.
        n_images: All images, at least 1.
        margin: The change that doesn't matter, in (0, 1).
        level: Each test is at 1 - level.
    """
    from_below = tango_z(n_improvements, n_regressions, n_images, change=-margin)
    from_above = tango_z(n_improvements, n_regressions, n_images, change=margin)
    p_non_inferior, p_non_superior = float(norm.sf(from_below)), float(norm.cdf(from_above))
    alpha = 1 - level
    return Equivalence(
        margin=margin,
        p_non_inferior=p_non_inferior,
        p_non_superior=p_non_superior,
        is_non_inferior=p_non_inferior < alpha,
        is_equivalent=max(p_non_inferior, p_non_superior) < alpha,
    )
