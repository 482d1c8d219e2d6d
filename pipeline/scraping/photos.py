"""What bytes from the web really are, decided by their content, never by a name or a header."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import unquote_to_bytes

import imagehash
from PIL import Image, UnidentifiedImageError

from hidden_test_spec.pictures import open_picture
from pipeline.scraping.refusals import Reason, RefusedError

# MPO is a JPEG with several pictures, as phones write it; the first is the photo.
_ENDINGS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "BMP": "bmp"}
_MAX_PIXELS = 50_000_000
_PAGE_STARTS = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<svg")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPhoto:
    """One decoded photo; `ending` is that of its real format, without the dot."""

    ending: str
    width_px: int
    height_px: int
    sha256: str
    phash: str


def inspect_photo(body: bytes, *, min_side_px: int, extensions: tuple[str, ...]) -> FetchedPhoto:
    """Decode a complete photo, and describe it.

    Args:
        body: The bytes of a file.
        min_side_px: The smallest that its shorter side may be.
        extensions: Endings that are wanted, of which "jpg", "png", "webp" and "bmp" are known.

    Raises:
        RefusedError: If it is not a photo of a wanted format, is broken or too small, or would
            take too much memory.
    """
    if body[:64].lstrip().lower().startswith(_PAGE_STARTS):
        raise RefusedError(Reason.NO_IMAGE, "it is a web page or a drawing, not a photo")
    # Pillow opens MPO as JPEG, and says only then which of the two it is.
    formats = [name for name, ending in _ENDINGS.items() if ending in extensions and name != "MPO"]
    image, phash = _decode(body, formats, min_side_px=min_side_px)
    return FetchedPhoto(
        ending=_ENDINGS[str(image.format)],
        width_px=image.width,
        height_px=image.height,
        sha256=hashlib.sha256(body).hexdigest(),
        phash=phash,
    )


def embedded(url: str) -> bytes:
    """What a data: address holds.

    Raises:
        RefusedError: If it holds nothing that can be read.
    """
    kind, comma, payload = url.removeprefix("data:").partition(",")
    if not comma:
        raise RefusedError(Reason.ADDRESS, "the data: address has no data")
    raw = unquote_to_bytes(payload)
    if not kind.endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise RefusedError(Reason.ADDRESS, "the data: address is not valid base64") from error


def _decode(body: bytes, formats: list[str], *, min_side_px: int) -> tuple[Image.Image, str]:
    """An image, fully decoded as in training, with its perceptual hash.

    The header is trusted only for keeping out images that are too large.
    """
    try:
        image = open_picture(BytesIO(body), formats=formats)
        _check_size(image.size, min_side_px=min_side_px)
        image.convert("RGB")
        return image, str(imagehash.phash(image))
    except RefusedError:
        raise
    except UnidentifiedImageError as error:
        raise RefusedError(Reason.NO_IMAGE, "it is not an image of a wanted format") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedError(Reason.BOMB, f"more than {_MAX_PIXELS} pixels") from error
    except Exception as error:  # Pillow's decoders raise whatever a broken file makes them
        raise RefusedError(Reason.BROKEN, str(error)) from error


def _check_size(size: tuple[int, int], *, min_side_px: int) -> None:
    width, height = size
    if width * height > _MAX_PIXELS:
        raise RefusedError(Reason.BOMB, f"{width} x {height} pixels")
    if min(size) < min_side_px:
        raise RefusedError(Reason.TOO_SMALL, f"{width} x {height}, below {min_side_px} pixels")
