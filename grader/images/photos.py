"""The photos of a test folder, each read once: hash, header and pixels come from the same bytes."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path

from grader.errors import BadInputError, UnreadableImageError
from grader.images.decoding import header_of
from grader.results.answers import ImageHeader, ListedImage, TestImage
from hidden_test_spec.regular_files import open_regular

MAX_KEPT_BYTES = 512 * 2**20
# More than the largest picture that PIL opens has as plain pixels with four channels.
MAX_PHOTO_BYTES = 2**30

_LEAVE_IT = "leave the folder as it is while grading, and grade again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one reading of a photo's file shows.

    Attributes:
        sha256: Of its bytes, in hexadecimal.
        header: None where it can't be read.
        content: The bytes; None if they are too many to be a photo's.
    """

    sha256: str
    header: ImageHeader | None
    content: bytes | None


class Photos:
    """The bytes of photos, for any number of models.

    They are kept in memory up to a bound. A photo beyond it is read again whenever it is needed,
    and must be unchanged. So what is graded is always what was hashed, even if the folder changes.
    A file that is too large to be a photo is hashed and never held in memory: it is unreadable.
    """

    def __init__(self, *, max_kept_bytes: int = MAX_KEPT_BYTES) -> None:
        """Start with no photo kept.

        Args:
            max_kept_bytes: Bound on the files of all kept photos together.
        """
        self._n_free_bytes = max_kept_bytes
        self._kept: dict[Path, bytes] = {}
        self._known: dict[Path, TestImage] = {}
        self._too_large: set[Path] = set()

    def read(self, images: Iterable[ListedImage]) -> tuple[TestImage, ...]:
        """These images with hash and header, in their order.

        Raises:
            BadInputError: If a file can't be read.
        """
        return tuple(self._read(image) for image in images)

    def content(self, image: TestImage) -> bytes:
        """The bytes of a photo, whose hash is the image's.

        Raises:
            UnreadableImageError: If the file is too large to be a photo.
            BadInputError: If they aren't kept, and the file is gone or has changed.
        """
        if image.path in self._too_large:
            limit_mb = MAX_PHOTO_BYTES // 2**20
            raise UnreadableImageError(reason=f"the file is larger than {limit_mb} MiB")
        kept = self._kept.get(image.path)
        if kept is not None:
            return kept
        with opened(image.path) as file:
            content = b"" if _is_too_large(file) else file.read()
        if _sha256(content) != image.sha256:
            raise BadInputError(
                what="An image in the test folder changed during grading",
                where=str(image.path),
                advice=_LEAVE_IT,
            )
        return content

    def _read(self, image: ListedImage) -> TestImage:
        known = self._known.get(image.path)
        if known is None:
            with opened(image.path) as file:
                sha256, header = self._look_at(image.path, file)
        else:
            sha256, header = known.sha256, known.header
        read = TestImage(
            path=image.path, name=image.name, label=image.label, sha256=sha256, header=header
        )
        self._known[image.path] = read
        return read

    def _look_at(self, path: Path, file: BufferedReader) -> tuple[str, ImageHeader | None]:
        """Hash and header of a file that is read for the first time."""
        look = look_at(file)
        if look.content is None:
            self._too_large.add(path)
        elif len(look.content) <= self._n_free_bytes:
            self._n_free_bytes -= len(look.content)
            self._kept[path] = look.content
        return look.sha256, look.header


def look_at(file: BufferedReader) -> Look:
    """Hash, header and bytes of an open file; the bytes of one that is too large are not kept."""
    if _is_too_large(file):
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return Look(sha256=sha256, header=None, content=None)
    content = file.read()
    return Look(sha256=_sha256(content), header=header_of(BytesIO(content)), content=content)


def _is_too_large(file: BufferedReader) -> bool:
    return os.fstat(file.fileno()).st_size > MAX_PHOTO_BYTES


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """A photo's file, open for reading; whatever goes wrong with it is the folder's fault."""
    try:
        with open_regular(path, follows_links=True) as file:
            yield file
    except OSError as error:
        raise BadInputError(
            what=f"An image in the test folder can no longer be read ({error.strerror or error})",
            where=str(path),
            advice=_LEAVE_IT,
        ) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
