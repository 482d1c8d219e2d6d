"""What flips tell about a change of accuracy: one confidence curve, from which all else is read.

The interval of the change, McNemar's p, the tests of a margin and "better" or "worse" are all taken
from the same curve, so none of them can contradict another.

Fay and Lumbard (2021), "Confidence intervals for difference in proportions for matched pairs
compatible with exact McNemar's or sign tests", in its mid-p form. The change is the share of images
that flip, times how much more often a flip is an improvement than a regression. Each of the two has
a confidence distribution (Clopper and Pearson, 1934), halfway between its lower and upper one
(Lancaster's mid-p, 1961), and the product of both is the curve.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, betaln

from grader.results.comparisons import Direction, Equivalence
from grader.results.scores import Interval

_N_NODES = 64
_SMALLEST = 1e-12
_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipCounts:
    """How many images flipped, of how many.

    The counts are not whole where copies of one photo count for less than one image each.
    """

    n_regressions: float
    n_improvements: float
    n_images: float

    @property
    def n_flips(self) -> float:
        """Regressions and improvements together."""
        return self.n_regressions + self.n_improvements

    def times(self, factor: float) -> "FlipCounts":
        """The same shares of another number of images."""
        return FlipCounts(
            n_regressions=self.n_regressions * factor,
            n_improvements=self.n_improvements * factor,
            n_images=self.n_images * factor,
        )


def mcnemar_p(n_regressions: float, n_improvements: float) -> float:
    """Two-sided mid-p of flips at least this uneven, if both kinds are equally likely; 1 if none.

    McNemar (1947); by the binomial distribution, with half the probability of the counts themselves
    (Fagerland, Lydersen and Laake, 2013).

    Example:
        >>> round(mcnemar_p(0, 6), 6)
        0.015625
    """
    if n_regressions == n_improvements:
        return 1.0
    fewer, more = sorted((n_regressions, n_improvements))
    flips = FlipCounts(n_regressions=fewer, n_improvements=more, n_images=fewer + more)
    return 2 * float(_balance_at_most(flips, np.zeros(1))[0])


def confidence_curve(flips: FlipCounts) -> Callable[[float], float]:
    """The confidence in [0, 1] that the true change of accuracy is at most a given one.

    Args:
        flips: Of at least one image.

    Returns:
        A function of a change in [-1, 1], which never falls.
    """
    if flips.n_flips == 0:
        return _curve_without_flips(flips.n_images)
    at_zero = float(_balance_at_most(flips, np.zeros(1))[0])
    n_kept = flips.n_images - flips.n_flips
    every_image = 0.5 if n_kept < 1 else 0.0
    share = _share_of_flips(flips)

    def curve(change: float) -> float:
        if change == 0:
            return at_zero
        shares, weights = share.nodes_above(abs(change))
        within = float(weights @ _balance_at_most(flips, change / shares))
        if every_image:
            within += every_image * float(_balance_at_most(flips, np.array([change]))[0])
        return within + (share.chance_below(change) if change > 0 else 0.0)

    return curve


def change_interval(flips: FlipCounts, *, level: float) -> Interval:
    """Interval of the change of accuracy, within [-1, 1]; whether 0 is in it McNemar's p decides.

    Args:
        flips: Of at least one image.
        level: Of confidence, in (0, 1).

    Example:
        >>> low, high = change_interval(
        ...     FlipCounts(n_regressions=0, n_improvements=6, n_images=120), level=0.95
        ... )
        >>> round(low, 4), round(high, 4)
        (0.0087, 0.0949)
    """
    tail, curve = (1 - level) / 2, confidence_curve(flips)
    return Interval(_quantile(curve, tail), _quantile(curve, 1 - tail))


def direction_of(interval: Interval) -> Direction:
    """Better or worse where the interval of a change lies on one side of 0, else undecided."""
    if interval.low > 0:
        return "better"
    return "worse" if interval.high < 0 else "undecided"


def equivalence(flips: FlipCounts, *, margin: float, level: float) -> Equivalence:
    """Whether the change lies above minus the margin, and whether within the margin.

    Both p values are twice a tail of the curve, as McNemar's is, so that a margin is ruled out
    exactly where it lies outside the interval.

    Args:
        flips: Of at least one image.
        margin: The change that doesn't matter, in (0, 1).
        level: Of the interval.
    """
    curve, alpha = confidence_curve(flips), 1 - level
    p_non_inferior = min(2 * curve(-margin), 1.0)
    p_non_superior = min(2 * (1 - curve(margin)), 1.0)
    return Equivalence(
        margin=margin,
        p_non_inferior=p_non_inferior,
        p_non_superior=p_non_superior,
        is_non_inferior=p_non_inferior < alpha,
        is_equivalent=max(p_non_inferior, p_non_superior) < alpha,
    )


def _curve_without_flips(n_images: float) -> Callable[[float], float]:
    """Either direction is as likely, and the share of flips is 0 or Clopper and Pearson's."""

    def curve(change: float) -> float:
        beyond = float((1 - abs(change)) ** n_images) / 4
        return beyond if change < 0 else 1 - beyond

    return curve


def _balance_at_most(flips: FlipCounts, balances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Confidence that improvements exceed regressions by at most these shares of the flips.

    At 0 this is half of McNemar's mid-p, or 1 minus that.
    """
    n_up, n_down = flips.n_improvements, flips.n_regressions
    halves = np.clip((1 + balances) / 2, 0.0, 1.0)
    if n_up == n_down and not balances.any():
        return np.full(len(balances), 0.5)
    lower = betainc(n_up, n_down + 1, halves) if n_up else np.ones(len(balances))
    upper = betainc(n_up + 1, n_down, halves) if n_down else (halves >= 1).astype(np.float64)
    mean: NDArray[np.float64] = (lower + upper) / 2
    return mean


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShareOfFlips:
    """The confidence distribution of the share of images that flip, without a point at 1.

    Attributes:
        betas: Parameters of its beta distributions, each of weight one half.
        scales: Logarithm of the constant of each one's density.
        low: A share below which there is next to nothing of it.
        high: A share above which there is next to nothing of it.
    """

    betas: tuple[tuple[float, float], ...]
    scales: tuple[float, ...]
    low: float
    high: float

    def chance_below(self, share: float) -> float:
        """Confidence that fewer images flip than this share of them."""
        return sum(float(betainc(a, b, share)) for a, b in self.betas) / 2

    def nodes_above(self, share: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Shares above this one and their weights, by Gauss and Legendre on a logarithmic scale."""
        start = math.log(min(max(share, self.low), self.high))
        nodes, weights = _gauss_legendre()
        width = math.log(self.high) - start
        logarithms = start + width * nodes
        shares = np.exp(logarithms)
        rest = np.log1p(-np.minimum(shares, 1 - _SMALLEST))
        density = sum(
            np.exp(scale + a * logarithms + (b - 1) * rest)
            for (a, b), scale in zip(self.betas, self.scales, strict=True)
        )
        return shares, width * weights * density / 2


def _share_of_flips(flips: FlipCounts) -> _ShareOfFlips:
    n_flips, n_kept = flips.n_flips, flips.n_images - flips.n_flips
    betas = [(n_flips, n_kept + 1)]
    if n_kept >= 1:
        betas.append((n_flips + 1, n_kept))
    return _ShareOfFlips(
        betas=tuple(betas),
        scales=tuple(-float(betaln(a, b)) for a, b in betas),
        low=float(betaincinv(*betas[0], _SMALLEST)),
        high=float(betaincinv(*betas[-1], 1 - _SMALLEST)),
    )


@functools.cache
def _gauss_legendre() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(_N_NODES)
    return (nodes + 1) / 2, weights / 2


def _quantile(curve: Callable[[float], float], wanted: float) -> float:
    """The change where the curve reaches a confidence; an end of [-1, 1] if it does so there.

    The side of 0 is decided first, by the curve's value there, which is McNemar's p.
    """
    low, high = (0.0, 1.0) if curve(0.0) < wanted else (-1.0, 0.0)
    while high - low > _TOLERANCE:
        middle = (low + high) / 2
        if curve(middle) < wanted:
            low = middle
        else:
            high = middle
    return round(high if low == -1.0 else low, 12)
