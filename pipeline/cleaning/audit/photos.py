"""The photos of a folder of class folders as they are on disk: names, sizes, formats, hashes."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hidden_test_spec.fingerprints import Fingerprint
from hidden_test_spec.images import ImageFolder
from hidden_test_spec.pictures import open_picture
from pipeline.copies import hash_images
from pipeline.errors import FileAccessError


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One image file.

    Attributes:
        path: Where it is.
        fingerprint: What it looks like, or why it can't be decoded.
        size_bytes: Size of the file.
        size_px: Width and height; None if it can't be decoded.
        format: Pillow's name for the format of its bytes; None if they aren't an image.
    """

    path: Path
    fingerprint: Fingerprint
    size_bytes: int
    size_px: tuple[int, int] | None
    format: str | None

    @property
    def label(self) -> str:
        """Its class folder."""
        return self.path.parent.name

    @property
    def image(self) -> str:
        """CLASS_FOLDER/FILE, by which findings and decisions name it."""
        return f"{self.path.parent.name}/{self.path.name}"


def read_photos(folder: ImageFolder) -> tuple[Photo, ...]:
    """Decode and hash every image of a listing, in its order.

    Raises:
        FileAccessError: If a file can't be read.
    """
    prints = hash_images(folder.paths)
    return tuple(_photo(path, found) for path, found in zip(folder.paths, prints, strict=True))


def decodable(photos: Sequence[Photo]) -> tuple[Photo, ...]:
    """Those that can be decoded."""
    return tuple(photo for photo in photos if photo.size_px is not None)


def _photo(path: Path, found: Fingerprint) -> Photo:
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise FileAccessError.of(error, path=path) from error
    size_px, kind = _header(path)
    return Photo(
        path=path,
        fingerprint=found,
        size_bytes=size_bytes,
        size_px=size_px if found.problem is None else None,
        format=kind,
    )


def _header(path: Path) -> tuple[tuple[int, int] | None, str | None]:
    try:
        with warnings.catch_warnings(action="ignore"), open_picture(path) as image:
            return image.size, image.format
    except Exception:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file makes them
        return None, None
