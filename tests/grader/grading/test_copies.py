"""Copies of a file are found by its bytes."""

from dataclasses import replace

from grader.grading.copies import photo_numbers, same_photos
from tests.factories import make_images, make_records


def test_copies_are_named_after_the_first() -> None:
    """The third and the fourth image have the bytes of the first."""
    images = make_images((0, 0, 1, 0), labels=("robin", "wren"))
    hashes = ("a" * 64, "b" * 64, "a" * 64, "a" * 64)
    files = [replace(one, sha256=sha256) for one, sha256 in zip(images, hashes, strict=True)]
    assert same_photos(files) == {2: "robin/0.png", 3: "robin/0.png"}


def test_copies_share_their_photos_number() -> None:
    """Numbers count photos in the order of the images."""
    first, second, third = make_records((0, 0, 1), labels=("robin", "wren"))
    copy = replace(third, same_photo_as=first.name)
    assert photo_numbers([first, second, copy]).tolist() == [0, 1, 0]
