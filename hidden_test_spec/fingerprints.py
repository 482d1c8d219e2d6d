"""What an image looks like, as hashes that can be compared; images that can't be read say why.

An image is hashed as training and grading read it: without the rotation that EXIF may ask for.
Copies rotated by 90 degrees are therefore not found.
"""

import hashlib
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import imagehash
from PIL import Image, ImageOps, UnidentifiedImageError

from hidden_test_spec.images import sha256_of
from hidden_test_spec.pictures import open_picture

_HTML_STARTS = (b"<!doctype", b"<html", b"<head", b"<?xml")
# The sizes to which imagehash itself reduces a picture. A picture that already has them gets the
# same hash, so a photo is reduced once for all of its hashes.
_PHASH_SIZE = (32, 32)
_DHASH_SIZE = (9, 8)
# A picture with fewer grey levels between its darkest and lightest spots is a plain surface; the
# hashes of such surfaces are all alike.
_FEWEST_LEVELS = 8
# A decoded photo takes many megabytes, so more threads would cost more memory than they save time.
_MAX_THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a decoded picture looks like; hashes are hexadecimal digits.

    Attributes:
        pixels_sha256: Of its size and its RGB values.
        dhash: imagehash's 64-bit difference hash.
        mirrored_phash: The 64-bit perceptual hash of the picture's mirror image.
        mirrored_dhash: The same of the difference hash.
        is_plain: Whether it is one plain surface, so that its hashes say nothing.
    """

    pixels_sha256: str
    dhash: str
    mirrored_phash: str
    mirrored_dhash: str
    is_plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The hashes of one image.

    Attributes:
        sha256: Of the file's bytes, as 64 hexadecimal digits.
        phash: imagehash's 64-bit perceptual hash as 16 hexadecimal digits; None if unreadable.
        problem: Why the image can't be decoded; None if it can.
        look: The other hashes; None if unreadable, and if the image itself is not available.
    """

    sha256: str
    phash: str | None
    problem: str | None
    look: Look | None


def fingerprint(path: Path) -> Fingerprint:
    """Decode an image as training will, and hash it.

    Raises:
        OSError: If the file's bytes can't be read.
    """
    with warnings.catch_warnings(action="ignore"):
        return _decoded(path, sha256_of(path))


def fingerprint_all(
    paths: Sequence[Path], *, on_done: Callable[[int], None], known: Sequence[Fingerprint] = ()
) -> tuple[Fingerprint, ...]:
    """The fingerprints of many images, in their order, computed by several threads.

    Args:
        paths: The images.
        on_done: Called after each image with the number of images done.
        known: Fingerprints of images that could be decoded. A file with the bytes of one of them
            has its fingerprint, and is not decoded again.

    Raises:
        OSError: If a file's bytes can't be read.
    """
    found, by_sha256 = [], {one.sha256: one for one in known if one.problem is None}
    with (
        warnings.catch_warnings(action="ignore"),
        ThreadPoolExecutor(min(os.cpu_count() or 1, _MAX_THREADS)) as threads,
    ):
        try:
            for one in threads.map(partial(_fingerprint, known=by_sha256), paths):
                found.append(one)
                on_done(len(found))
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return tuple(found)


def _fingerprint(path: Path, known: Mapping[str, Fingerprint]) -> Fingerprint:
    sha256 = sha256_of(path)
    return known.get(sha256) or _decoded(path, sha256)


def _decoded(path: Path, sha256: str) -> Fingerprint:
    try:
        with open_picture(path) as image:
            rgb = image.convert("RGB")
            grey = image.convert("L")
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file makes them
        return Fingerprint(sha256=sha256, phash=None, problem=_problem(path, error), look=None)
    small = grey.resize(_PHASH_SIZE, Image.Resampling.LANCZOS)
    tiny = grey.resize(_DHASH_SIZE, Image.Resampling.LANCZOS)
    return Fingerprint(
        sha256=sha256,
        phash=str(imagehash.phash(small)),
        problem=None,
        look=Look(
            pixels_sha256=_pixels_sha256(rgb),
            dhash=str(imagehash.dhash(tiny)),
            mirrored_phash=str(imagehash.phash(ImageOps.mirror(small))),
            mirrored_dhash=str(imagehash.dhash(ImageOps.mirror(tiny))),
            is_plain=_n_levels(small) < _FEWEST_LEVELS,
        ),
    )


def _pixels_sha256(rgb: Image.Image) -> str:
    size = f"{rgb.width}x{rgb.height}\n".encode()
    return hashlib.sha256(size + rgb.tobytes()).hexdigest()


def _n_levels(grey: Image.Image) -> int:
    """How far apart its darkest and its lightest level are, of 256."""
    levels = [level for level, n_pixels in enumerate(grey.histogram()) if n_pixels]
    return levels[-1] - levels[0]


def _problem(path: Path, error: Exception) -> str:
    with path.open("rb") as file:
        start = file.read(64).lstrip().lower()
    if not start:
        return "the file is empty"
    if start.startswith(_HTML_STARTS):
        return "it is a web page, not an image"
    if isinstance(error, UnidentifiedImageError):
        return "it is not an image in a known format"
    return str(error)
