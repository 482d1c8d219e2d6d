"""The photos of a test folder, each read once: hash, header and pixels come from the same bytes."""

import hashlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from grader.errors import BadInputError
from grader.images.decoding import header_of
from grader.results.answers import ListedImage, TestImage

MAX_KEPT_BYTES = 512 * 2**20

_LEAVE_IT = "leave the folder as it is while grading, and grade again"


class Photos:
    """The bytes of photos, for any number of models.

    They are kept in memory up to a bound. A photo beyond it is read again whenever it is needed,
    and must be unchanged. So what is graded is always what was hashed, even if the folder changes.
    """

    def __init__(self, *, max_kept_bytes: int = MAX_KEPT_BYTES) -> None:
        """Start with no photo kept.

        Args:
            max_kept_bytes: Bound on the files of all kept photos together.
        """
        self._n_free_bytes = max_kept_bytes
        self._kept: dict[Path, bytes] = {}
        self._known: dict[Path, TestImage] = {}

    def read(self, images: Iterable[ListedImage]) -> tuple[TestImage, ...]:
        """These images with hash and header, in their order.

        Raises:
            BadInputError: If a file can't be read.
        """
        return tuple(self._read(image) for image in images)

    def content(self, image: TestImage) -> bytes:
        """The bytes of a photo, whose hash is the image's.

        Raises:
            BadInputError: If they aren't kept, and the file is gone or has changed.
        """
        kept = self._kept.get(image.path)
        if kept is not None:
            return kept
        content = _bytes_of(image.path)
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
            content = _bytes_of(image.path)
            if len(content) <= self._n_free_bytes:
                self._n_free_bytes -= len(content)
                self._kept[image.path] = content
            header, sha256 = header_of(BytesIO(content)), _sha256(content)
        else:
            header, sha256 = known.header, known.sha256
        read = TestImage(
            path=image.path, name=image.name, label=image.label, sha256=sha256, header=header
        )
        self._known[image.path] = read
        return read


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInputError(
            what=f"An image in the test folder can no longer be read ({error.strerror or error})",
            where=str(path),
            advice=_LEAVE_IT,
        ) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
