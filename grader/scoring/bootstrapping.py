"""The bootstrap (Efron and Tibshirani, 1993): photos drawn again and again within their classes.

Copies of one photo are drawn together.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from grader.results.scores import Statistics
from grader.scoring.sample_sizes import Sampling

_MOST_DRAWS_AT_ONCE = 4_000_000


def resampled_sums(
    columns: NDArray[np.float64], sampling: Sampling, statistics: Statistics
) -> NDArray[np.float64]:
    """The sum of each column in each resample, shape (n_resamples, n_columns).

    Each class keeps its number of photos, drawn with replacement.

    Args:
        columns: Shape (n_scored, n_columns); a row is an image.
        sampling: How the images were drawn.
        statistics: How many resamples, and the seed.
    """
    generator = np.random.default_rng(statistics.seed)
    total = np.zeros((statistics.n_resamples, columns.shape[1]))
    for target in np.unique(sampling.targets):
        chosen = sampling.targets == target
        photos = _sums_by_photo(columns[chosen], sampling.photos[chosen])
        shares = np.full(len(photos), 1 / len(photos))
        for start, stop in _portions(statistics.n_resamples, len(photos)):
            drawn = generator.multinomial(len(photos), shares, stop - start)
            total[start:stop] += drawn @ photos
    return total


def _sums_by_photo(columns: NDArray[np.float64], photos: NDArray[np.intp]) -> NDArray[np.float64]:
    _, numbers = np.unique(photos, return_inverse=True)
    sums = np.zeros((numbers.max() + 1, columns.shape[1]))
    np.add.at(sums, numbers, columns)
    return sums


def _portions(n_resamples: int, n_rows: int) -> Iterator[tuple[int, int]]:
    """From which resample to which to draw at a time, so that memory stays bounded."""
    at_once = max(_MOST_DRAWS_AT_ONCE // n_rows, 1)
    for start in range(0, n_resamples, at_once):
        yield start, min(start + at_once, n_resamples)
