"""From a photo's file to its picture and its header; every fault of a file is expected."""

import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import ExifTags, Image

from grader.errors import UnreadableImageError
from grader.results.answers import ImageHeader
from grader.results.preprocessing import Preprocessing, Size
from hidden_test_spec.pictures import open_picture

# Values of EXIF's orientation: 1 is upright, 2 to 8 stand for a rotation or a mirror image.
UPRIGHT = 1
ROTATED = range(2, 9)

# PIL and its decoders raise all of these for files that are broken, or too large to be true.
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class _NamedBytes(BytesIO):
    """The bytes of a file with its name, which PIL's messages show."""

    def __init__(self, content: bytes, path: Path) -> None:
        super().__init__(content)
        self._path = path

    def __repr__(self) -> str:
        return repr(str(self._path))


def decode_image(content: bytes, preprocessing: Preprocessing, *, path: Path) -> Image.Image:
    """The picture in a file, in the mode that the network takes.

    Args:
        content: The file's bytes.
        preprocessing: The export's.
        path: The file, for errors. It isn't opened.

    Raises:
        UnreadableImageError: If it can't be decoded.
    """
    try:
        with open_picture(_NamedBytes(content, path)) as opened:
            opened.load()
            return opened.convert(preprocessing.mode)
    except DECODER_ERRORS as error:
        raise UnreadableImageError(reason=str(error) or type(error).__name__) from error


def read_header(path: Path) -> ImageHeader | None:
    """The header of an image file; None where it can't be read."""
    try:
        with path.open("rb") as file:
            return header_of(file)
    except OSError:
        return None


def read_size(path: Path) -> Size | None:
    """Width and height of an image file in pixels; None where they can't be read."""
    try:
        with warnings.catch_warnings(action="ignore"), open_picture(path) as image:
            return image.size
    except DECODER_ERRORS:
        return None


def header_of(file: IO[bytes]) -> ImageHeader | None:
    """What a file says about its image before it is decoded; None if it can't be read.

    An unreadable file is left to the grading itself.
    """
    try:
        with warnings.catch_warnings(action="ignore"), open_picture(file) as image:
            orientation = image.getexif().get(ExifTags.Base.Orientation, UPRIGHT)
            return ImageHeader(shorter_side_px=min(image.size), is_rotated=orientation in ROTATED)
    except DECODER_ERRORS:
        return None
