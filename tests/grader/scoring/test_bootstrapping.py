"""Photos are drawn again within their classes, and copies of one photo together."""

import numpy as np
import pytest

from grader.results.scores import Statistics
from grader.scoring.bootstrapping import resampled_sums
from grader.scoring.sample_sizes import Sampling, independent
from tests.factories import as_targets


def test_a_resample_has_as_many_images_of_each_class() -> None:
    """Counted by columns that hold a 1 for the images of one class."""
    targets = as_targets([0] * 3 + [2] * 5 + [1])
    columns = np.eye(3)[targets]
    found = resampled_sums(columns, independent(targets), Statistics(n_resamples=20))
    np.testing.assert_allclose(found, np.tile([3.0, 1.0, 5.0], (20, 1)))


def test_copies_of_a_photo_are_drawn_together() -> None:
    """Two images of one photo come as often as each other, and so does a photo of its own."""
    targets = as_targets([0, 0, 0, 0])
    sampling = Sampling(targets=targets, photos=as_targets([4, 4, 9, 9]))
    found = resampled_sums(np.eye(4), sampling, Statistics(n_resamples=30))
    np.testing.assert_allclose(found[:, 0], found[:, 1])
    np.testing.assert_allclose(found[:, 2], found[:, 3])
    assert set(found[:, 0].tolist()) == {0, 1, 2}


def test_resamples_spread_as_counting_within_classes_says() -> None:
    """The variance of a sum is n s² of each class, and memory is bounded by drawing in portions."""
    values = np.random.default_rng(4).normal(size=5000)
    targets = as_targets([0] * 2000 + [1] * 3000)
    variance = 2000 * values[:2000].var() + 3000 * values[2000:].var()
    found = resampled_sums(values[:, None], independent(targets), Statistics(n_resamples=2000))
    assert found.std() == pytest.approx(np.sqrt(variance), rel=0.06)
    assert found.mean() == pytest.approx(values.sum(), abs=4 * np.sqrt(variance / 2000))


def test_the_seed_decides_the_resamples() -> None:
    """The same draws for every model, other draws with another seed."""
    sampling = independent(as_targets([0, 0, 0, 0, 1, 1, 1, 1]))

    def drawn(seed: int) -> list[list[float]]:
        statistics = Statistics(n_resamples=5, seed=seed)
        found: list[list[float]] = resampled_sums(np.eye(8), sampling, statistics).tolist()
        return found

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)
