"""Decoding every image once: which can't be read, and what each one looks like as two hashes."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import imagehash
from PIL import Image, UnidentifiedImageError

from hidden_test_spec.images import sha256_of

_HTML_STARTS = (b"<!doctype", b"<html", b"<head", b"<?xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The hashes of one image.

    Attributes:
        sha256: Of the file's bytes, as 64 hexadecimal digits.
        phash: imagehash's 64-bit perceptual hash as 16 hexadecimal digits; None if unreadable.
        problem: Why the image can't be decoded; None if it can.
    """

    sha256: str
    phash: str | None
    problem: str | None


def fingerprint(path: Path) -> Fingerprint:
    """Decode an image as training will, and hash it.

    Raises:
        OSError: If the file's bytes can't be read.
    """
    sha256 = sha256_of(path)
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
            image.convert("RGB")
            phash = str(imagehash.phash(image))
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file makes them
        return Fingerprint(sha256=sha256, phash=None, problem=_problem(path, error))
    return Fingerprint(sha256=sha256, phash=phash, problem=None)


def _problem(path: Path, error: Exception) -> str:
    with path.open("rb") as file:
        start = file.read(64).lstrip().lower()
    if not start:
        return "the file is empty"
    if start.startswith(_HTML_STARTS):
        return "it is a web page, not an image"
    if isinstance(error, UnidentifiedImageError):
        return "it is no image of a known format"
    return str(error)
