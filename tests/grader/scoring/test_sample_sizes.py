"""Copies of a photo count for less than images of their own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader.scoring.sample_sizes import effective_number, image_weight, independent

PHOTOS = st.lists(st.integers(0, 8), min_size=1, max_size=30).map(np.array)


def test_photos_of_their_own_count_in_full() -> None:
    """Each is worth an image."""
    sampling = independent(np.zeros(7, dtype=np.intp))
    assert effective_number(sampling.photos) == 7
    assert sampling.weight == 1


def test_pairs_of_copies_count_as_half_of_them() -> None:
    """Of 120 images 16 pairs and 88 others are worth 120² / (88 + 64)."""
    pairs = np.concatenate([np.repeat(np.arange(16), 2), np.arange(16, 104)])
    assert effective_number(np.repeat(np.arange(5), 2)) == 5
    assert effective_number(pairs) == pytest.approx(120**2 / 152)


def test_no_images_have_no_weight_to_lose() -> None:
    """A class without images needs no correction."""
    assert image_weight(np.array([], dtype=np.intp)) == 1


@given(PHOTOS)
def test_images_are_worth_no_more_than_their_number_or_their_photos(
    photos: NDArray[np.intp],
) -> None:
    """And at least one."""
    assert 1 <= effective_number(photos) <= len(np.unique(photos)) + 1e-9
    assert 0 < image_weight(photos) <= 1
