"""A photo's file to its picture and to what its header says, whatever is wrong with the file."""

import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image

from grader.errors import UnreadableImageError
from grader.results.preprocessing import Preprocessing

# Values of EXIF's orientation: 1 is upright, 2 to 8 ask for a turn or a mirror image.
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


def read_image(path: Path, preprocessing: Preprocessing) -> Image.Image:
    """The picture in a file, in the mode that the network takes.

    Raises:
        UnreadableImageError: If it can't be decoded.
    """
    try:
        with Image.open(path) as opened:
            opened.load()
            return opened.convert(preprocessing.mode)
    except DECODER_ERRORS as error:
        raise UnreadableImageError(reason=str(error) or type(error).__name__) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader:
    """What an image's header says: the shorter side in pixels, and whether EXIF asks to rotate."""

    shorter_side_px: int
    is_rotated: bool


def read_header(path: Path) -> ImageHeader | None:
    """The header of an image; None where it can't be read, which is left to the grading itself."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
            orientation = image.getexif().get(ExifTags.Base.Orientation, UPRIGHT)
            return ImageHeader(shorter_side_px=min(image.size), is_rotated=orientation in ROTATED)
    except DECODER_ERRORS:
        return None
