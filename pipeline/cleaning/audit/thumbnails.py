"""Small versions of photos, to be shown on a page."""

import base64
import io
import warnings
from pathlib import Path

from hidden_test_spec.pictures import open_picture

_QUALITY = 70


def thumbnail(path: Path, *, side_px: int) -> bytes | None:
    """A photo as a small JPEG, as training sees it: not turned by EXIF; None if it can't be read.

    Args:
        path: The photo.
        side_px: The longer side is made no longer than this.
    """
    try:
        with warnings.catch_warnings(action="ignore"), open_picture(path) as image:
            image.draft("RGB", (side_px, side_px))
            small = image.convert("RGB")
    except Exception:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file makes them
        return None
    small.thumbnail((side_px, side_px))
    jpeg = io.BytesIO()
    small.save(jpeg, "JPEG", quality=_QUALITY)
    return jpeg.getvalue()


def data_address(path: Path, *, side_px: int) -> str | None:
    """The thumbnail as an address that contains it; None if the photo can't be read."""
    jpeg = thumbnail(path, side_px=side_px)
    return None if jpeg is None else f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
