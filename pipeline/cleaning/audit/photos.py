"""The photos of a folder of class folders as they are on disk: names, sizes, formats, hashes."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter

from hidden_test_spec.fingerprints import Fingerprint
from hidden_test_spec.images import ImageFolder, sha256_of
from hidden_test_spec.pictures import open_picture
from pipeline.cleaning.audit.memory import Memory
from pipeline.copies import hash_images
from pipeline.errors import FileAccessError
from pipeline.progress import Report, counted, counter

_PRINT: TypeAdapter[Fingerprint] = TypeAdapter(Fingerprint)
# What decodes may change with a version of Pillow, and so may what can be decoded.
_TOPIC = f"fingerprint 1, pillow {version('pillow')}"


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


def read_photos(folder: ImageFolder, memory: Memory, report: Report) -> tuple[Photo, ...]:
    """Decode and hash every image of a listing, in its order, unless its hashes are known.

    Raises:
        FileAccessError: If a file can't be read.
    """
    paths = folder.paths
    hashes = [_sha256(path) for path in counted(paths, len(paths), "Reading photos", report)]

    def look(missing: Sequence[int]) -> Iterator[bytes]:
        tell = counter(len(missing), "Looking at new photos", report)
        prints = hash_images([paths[at] for at in missing], on_done=tell)
        return (_PRINT.dump_json(one) for one in prints)

    known = memory.each(hashes, _TOPIC, look)
    prints = [_PRINT.validate_json(one) for one in known]
    return tuple(_photo(path, found) for path, found in zip(paths, prints, strict=True))


def decodable(photos: Sequence[Photo]) -> tuple[Photo, ...]:
    """Those that can be decoded."""
    return tuple(photo for photo in photos if photo.size_px is not None)


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise FileAccessError.of(error, path=path) from error


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
