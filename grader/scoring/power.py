"""What a number of images can show: the exact chance that McNemar's mid-p tells a change."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, gammaln, xlogy

_MOST_IMAGES = 20_000


def least_flips(n_flips: NDArray[np.intp], *, alpha: float) -> NDArray[np.intp]:
    """The fewest flips of one kind, among so many, that bring the two-sided mid-p below alpha.

    Args:
        n_flips: At least 0, any shape.
        alpha: In (0, 1).

    Returns:
        A count for each, of the same shape; more than `n_flips` where not even all would do.

    Example:
        >>> least_flips(np.array([4, 5, 10]), alpha=0.05).tolist()
        [5, 5, 9]
    """
    low, high = n_flips // 2, n_flips + 1
    while (high - low > 1).any():
        middle = (low + high) // 2
        is_told = _tail(middle, n_flips) < alpha / 2
        high = np.where(is_told & (middle > low), middle, high)
        low = np.where(~is_told & (middle > low), middle, low)
    return high


def chance_to_tell(n_images: int, *, p_up: float, p_down: float, alpha: float) -> float:
    """The chance that so many images show that the more frequent flips are the more frequent.

    Args:
        n_images: At least 1.
        p_up: Share of images that flip the one way; at least `p_down`.
        p_down: Share that flips the other way.
        alpha: Level of the two-sided test.
    """
    if p_up + p_down == 0:
        return 0.0
    n_flips = np.arange(n_images + 1)
    needed = least_flips(n_flips, alpha=alpha)
    told = bdtrc(needed - 1, n_flips, p_up / (p_up + p_down))
    told = np.where(needed > n_flips, 0.0, told)
    return float(_binomial(n_flips, n_images, p_up + p_down) @ told)


def images_to_tell(change: float, *, p_down: float = 0.0, alpha: float, power: float) -> int | None:
    """The fewest images whose chance of showing a change of accuracy is at least `power`.

    Args:
        change: In (0, 1 - 2 * p_down].
        p_down: Share of images that flip against it.
        alpha: Level of the two-sided test.
        power: In (0, 1).

    Returns:
        None if 20,000 images are not enough.

    Example:
        >>> images_to_tell(0.1, alpha=0.05, power=0.8)
        66
    """

    def is_enough(n_images: int) -> bool:
        chance = chance_to_tell(n_images, p_up=p_down + change, p_down=p_down, alpha=alpha)
        return chance >= power

    low, high = 0, 16
    while not is_enough(high):
        low, high = high, 2 * high
        if high > _MOST_IMAGES:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _tail(n_hits: NDArray[np.intp], n_tosses: NDArray[np.intp]) -> NDArray[np.float64]:
    """Chance of more heads than these in tosses of a coin, plus half of exactly these."""
    more = np.where(n_hits < n_tosses, bdtrc(n_hits, n_tosses, 0.5), 0.0)
    at_least = np.where(n_hits > 0, bdtrc(np.maximum(n_hits - 1, 0), n_tosses, 0.5), 1.0)
    at_least = np.where(n_hits > n_tosses, 0.0, at_least)
    mean: NDArray[np.float64] = (more + at_least) / 2
    return mean


def _binomial(n_hits: NDArray[np.intp], n_tosses: int, share: float) -> NDArray[np.float64]:
    """Probability of each count of hits."""
    ways = gammaln(n_tosses + 1) - gammaln(n_hits + 1) - gammaln(n_tosses - n_hits + 1)
    chances: NDArray[np.float64] = np.exp(
        ways + xlogy(n_hits, share) + xlogy(n_tosses - n_hits, 1 - share)
    )
    return chances
