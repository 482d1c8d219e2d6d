"""Pictures kept for later: within bounds, on disk where that pays, and gone in the end."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from grader.images.kept_pictures import Bounds, KeptPictures, Pixels


def picture(number: int) -> Pixels:
    """Twelve bytes that tell their number."""
    return np.full((2, 2, 3), number, dtype=np.uint8)


def kept(bounds: Bounds, n_pictures: int, *, is_needed_again: bool = False) -> list[int | None]:
    """Which of so many pictures can be had again, by the number that they tell."""
    pictures = KeptPictures(bounds)
    for number in range(n_pictures):
        pictures.put(number, picture(number), is_needed_again=is_needed_again)
    found = [pictures.get(number) for number in range(n_pictures)]
    assert [one is not None for one in found] == [
        number in pictures for number in range(n_pictures)
    ]
    pictures.close()
    return [None if one is None else int(one.mean()) for one in found]


def test_within_the_bound_all_are_kept() -> None:
    """In memory."""
    assert kept(Bounds(memory_bytes=36, disk_bytes=0), 3) == [0, 1, 2]


def test_those_used_longest_ago_make_room() -> None:
    """Here for those that came later."""
    assert kept(Bounds(memory_bytes=24, disk_bytes=0), 3) == [None, 1, 2]


def test_those_that_are_needed_again_go_to_disk() -> None:
    """As far as its bound allows."""
    bounds = Bounds(memory_bytes=12, disk_bytes=30)
    assert kept(bounds, 4, is_needed_again=True) == [0, 1, 2, None]


def test_a_full_disk_only_means_that_less_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No error reaches the grading."""

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    bounds = Bounds(memory_bytes=12, disk_bytes=1000)
    assert kept(bounds, 3, is_needed_again=True) == [0, None, None]


def test_the_file_has_no_name_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed leaves nothing behind either."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pictures = KeptPictures(Bounds(memory_bytes=0, disk_bytes=100))
    pictures.put("robin", picture(7), is_needed_again=True)
    assert pictures.get("robin") is not None
    assert list(tmp_path.iterdir()) == []
    pictures.close()
    assert pictures.get("robin") is None
