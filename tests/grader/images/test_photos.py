"""Photos are opened once, and what is graded is what was hashed."""

from pathlib import Path

import pytest
from PIL import Image

from grader.errors import BadInputError, UnreadableImageError
from grader.images.photos import Photos
from grader.results.answers import ImageHeader, ListedImage
from hidden_test_spec.images import sha256_of


@pytest.fixture
def listed(tmp_path: Path) -> ListedImage:
    """A photo of 9 x 7 pixels."""
    path = tmp_path / "robin.png"
    Image.new("RGB", (9, 7), (200, 30, 20)).save(path)
    return ListedImage(path=path, name="robin/robin.png", label="robin")


def test_hash_and_header_are_those_of_the_file(listed: ListedImage) -> None:
    """And name and label stay."""
    (image,) = Photos().read([listed])
    assert (image.path, image.name, image.label) == (listed.path, listed.name, listed.label)
    assert image.sha256 == sha256_of(listed.path)
    assert image.header == ImageHeader(shorter_side_px=7, is_rotated=False)


def test_a_photo_that_is_kept_stays_what_it_was(listed: ListedImage) -> None:
    """Even if the folder changes in the meantime."""
    before = listed.path.read_bytes()
    photos = Photos()
    (image,) = photos.read([listed])
    listed.path.unlink()
    assert photos.content(image) == before
    assert photos.read([listed]) == (image,)


def test_a_photo_beyond_the_bound_is_read_again(listed: ListedImage) -> None:
    """It has the same hash, so it is the same photo."""
    size_bytes = listed.path.stat().st_size
    photos = Photos(max_kept_bytes=size_bytes - 1)
    (image,) = photos.read([listed])
    assert photos.content(image) == listed.path.read_bytes()


def test_a_photo_beyond_the_bound_that_changed_is_bad_input(listed: ListedImage) -> None:
    """It is named, and nothing is graded on it."""
    photos = Photos(max_kept_bytes=0)
    (image,) = photos.read([listed])
    Image.new("RGB", (9, 7)).save(listed.path)
    with pytest.raises(BadInputError, match=r"changed during grading[\s\S]*robin\.png"):
        photos.content(image)


def test_a_file_that_is_too_large_is_hashed_and_unreadable(
    listed: ListedImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are never held in memory, and the run goes on without it."""
    monkeypatch.setattr("grader.images.photos.MAX_PHOTO_BYTES", listed.path.stat().st_size - 1)
    photos = Photos()
    (image,) = photos.read([listed])
    assert image.sha256 == sha256_of(listed.path)
    assert image.header is None
    with pytest.raises(UnreadableImageError, match="larger than"):
        photos.content(image)


def test_a_photo_that_grew_too_large_is_bad_input(
    listed: ListedImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It isn't read again, since it can't be what it was."""
    photos = Photos(max_kept_bytes=0)
    (image,) = photos.read([listed])
    monkeypatch.setattr("grader.images.photos.MAX_PHOTO_BYTES", 10)
    with pytest.raises(BadInputError, match="changed during grading"):
        photos.content(image)


def test_a_photo_that_is_gone_is_bad_input(listed: ListedImage) -> None:
    """It may have gone since the folder was listed."""
    listed.path.unlink()
    with pytest.raises(BadInputError, match=r"can no longer be read \(No such file"):
        Photos().read([listed])
