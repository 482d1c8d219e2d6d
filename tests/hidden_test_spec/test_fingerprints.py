"""Hashes of images, and images that can't be read."""

import hashlib
from dataclasses import replace
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageOps

from hidden_test_spec.fingerprints import fingerprint, fingerprint_all
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
        (b"not an image at all", "it is not an image in a known format"),
    ],
)
def test_a_file_that_is_no_image_is_unreadable(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    """The reason is given in words."""
    (tmp_path / "a.jpg").write_bytes(content)
    assert fingerprint(tmp_path / "a.jpg").problem == problem


def test_the_hashes_of_the_mirror_image_are_imagehash_s_own(tmp_path: Path) -> None:
    """As if the mirrored picture had been hashed by itself."""
    path = draw_image(tmp_path / "a.png", side_px=40, seed=1)
    ImageOps.mirror(Image.open(path)).save(tmp_path / "b.png")
    look, other = fingerprint(path).look, fingerprint(tmp_path / "b.png").look
    assert look is not None
    assert other is not None
    assert look.mirrored_phash == str(imagehash.phash(Image.open(tmp_path / "b.png")))
    assert (
        look.mirrored_dhash == other.dhash == str(imagehash.dhash(Image.open(tmp_path / "b.png")))
    )


def test_equal_pixels_in_another_format_have_an_equal_hash(tmp_path: Path) -> None:
    """The size counts too: 20 x 80 pixels are not 80 x 20 of the same bytes."""
    pixels = np.full((20, 80, 3), 7, dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    Image.fromarray(pixels).save(tmp_path / "b.bmp")
    Image.fromarray(pixels.reshape(80, 20, 3)).save(tmp_path / "c.png")
    looks = [fingerprint(tmp_path / name).look for name in ("a.png", "b.bmp", "c.png")]
    hashes = [look.pixels_sha256 for look in looks if look is not None]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(("contrast", "is_plain"), [(0, True), (7, True), (8, False)])
def test_a_plain_surface_is_told_from_a_picture(
    tmp_path: Path, contrast: int, *, is_plain: bool
) -> None:
    """Fewer than 8 levels between dark and light are plain."""
    pixels = np.full((64, 64, 3), 100, dtype=np.uint8)
    pixels[:, 32:] += np.uint8(contrast)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    look = fingerprint(tmp_path / "a.png").look
    assert look is not None
    assert look.is_plain == is_plain


def test_many_images_are_hashed_in_their_order(tmp_path: Path) -> None:
    """Broken ones among them, and each is counted."""
    paths = [draw_image(tmp_path / f"{seed}.png", seed=seed) for seed in range(20)]
    paths[7].write_bytes(b"")
    n_done: list[int] = []
    found = fingerprint_all(paths, on_done=n_done.append)
    assert found == tuple(fingerprint(path) for path in paths)
    assert n_done == list(range(1, 21))
    assert [one.problem for one in found if one.problem] == ["the file is empty"]


def test_what_is_known_by_its_bytes_is_taken_as_known(tmp_path: Path) -> None:
    """A copy of a known file is not decoded; a broken file says under its own name what it is."""
    path = draw_image(tmp_path / "a.png")
    copy = tmp_path / "b.png"
    copy.write_bytes(path.read_bytes())
    (tmp_path / "c.png").write_bytes(b"")
    known = replace(fingerprint(path), phash="0" * 16)
    broken = replace(fingerprint(tmp_path / "c.png"), problem="it was told before")
    found = fingerprint_all(
        [copy, tmp_path / "c.png"], on_done=lambda _: None, known=(known, broken)
    )
    assert found == (known, fingerprint(tmp_path / "c.png"))


def test_a_file_that_is_gone_ends_the_hashing(tmp_path: Path) -> None:
    """It has no bytes, and so no hash."""
    paths = [draw_image(tmp_path / "a.png"), tmp_path / "gone.png"]
    n_done: list[int] = []
    with pytest.raises(FileNotFoundError, match="gone"):
        fingerprint_all(paths, on_done=n_done.append)


def test_a_decompression_bomb_is_unreadable(tmp_path: Path) -> None:
    """A small file that claims 400 million pixels is not decoded."""
    (tmp_path / "a.png").write_bytes(b"P6 20000 20000 255\n")
    assert "exceeds limit" in str(fingerprint(tmp_path / "a.png").problem)
