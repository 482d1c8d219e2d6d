"""Small versions of photos, made once and kept on the disk under the hash of the photo.

No photo is ever sent as it is: a page gets only pictures that were decoded and encoded again.
"""

from contextlib import suppress
from pathlib import Path

from hidden_test_spec.durable import write_atomically
from hidden_test_spec.images import sha256_of
from pipeline.cleaning.audit.thumbnails import thumbnail

SMALL_SIDE_PX = 256
LARGE_SIDE_PX = 1280


class PictureCache:
    """Pictures in a folder that may be removed at any time.

    Args:
        folder: Created when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def picture(self, photo: Path, *, side_px: int) -> bytes | None:
        """A photo as a JPEG; None if it can't be read.

        Args:
            photo: The file.
            side_px: The longer side is made no longer than this.
        """
        try:
            cached = self._folder / f"{sha256_of(photo)}-{side_px}.jpg"
        except OSError:
            return None
        try:
            return cached.read_bytes() or None
        except OSError:
            made = thumbnail(photo, side_px=side_px)
        self._keep(cached, made or b"")
        return made

    def _keep(self, cached: Path, jpeg: bytes) -> None:
        """Write it whole or not at all; a full disk only costs time."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(cached, jpeg, is_cached=True)
