"""Hashes of images, and images that can't be read."""

import hashlib
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image

from hidden_test_spec.fingerprints import fingerprint
from tests.factories import draw_image


def test_both_hashes_of_an_image_are_taken(tmp_path: Path) -> None:
    """SHA-256 of the bytes, and imagehash's 64-bit hash of the picture."""
    path = draw_image(tmp_path / "a.png", side_px=40, seed=1)
    found = fingerprint(path)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.phash == str(imagehash.phash(Image.open(path)))
    assert found.problem is None


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_that_fastai_reads_is_readable(tmp_path: Path, mode: str) -> None:
    """Greyscale, palette, transparent, print and 16-bit images pass."""
    path = draw_image(tmp_path / "a.png", side_px=40, seed=1)
    converted = Image.open(path).convert(mode)
    converted.save(tmp_path / "b.tif")
    assert fingerprint(tmp_path / "b.tif").problem is None


def test_a_picture_and_its_smaller_copy_have_close_hashes(tmp_path: Path) -> None:
    """The perceptual hash is about what is seen, not about bytes."""
    waves = np.sin(np.arange(256) / 17)[:, None] * np.cos(np.arange(256) / 29)[None, :]
    picture = Image.fromarray((127 + 120 * waves).astype("uint8"))
    picture.save(tmp_path / "large.png")
    picture.resize((100, 100)).save(tmp_path / "small.jpg")
    large, small = fingerprint(tmp_path / "large.png"), fingerprint(tmp_path / "small.jpg")
    assert large.phash is not None
    assert small.phash is not None
    distance = imagehash.hex_to_hash(large.phash) - imagehash.hex_to_hash(small.phash)
    assert distance <= 4
    assert large.sha256 != small.sha256


def test_a_truncated_image_is_unreadable(tmp_path: Path) -> None:
    """Half a file has a hash of its bytes and a problem, but no picture."""
    path = draw_image(tmp_path / "a.png", side_px=40, seed=1)
    path.write_bytes(path.read_bytes()[:1000])
    found = fingerprint(path)
    assert found.phash is None
    assert "truncated" in str(found.problem)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\n<!DOCTYPE html><html>", "it is a web page, not an image"),
        (b"", "the file is empty"),
        (b"not an image at all", "it is no image of a known format"),
    ],
)
def test_a_file_that_is_no_image_is_unreadable(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    """The reason is told in words."""
    (tmp_path / "a.jpg").write_bytes(content)
    assert fingerprint(tmp_path / "a.jpg").problem == problem
