"""The one place where a photo is opened: formats that Pillow decodes by itself, and nothing else.

Pillow also knows formats for which it starts a program, such as EPS, and picks a format by a file's
bytes whatever its name is. So a photo from anywhere could start that program.
"""

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from PIL import EpsImagePlugin, Image

# Each is decoded inside this process, by Pillow and the libraries that it was built with.
PICTURE_FORMATS = (
    *("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "QOI", "TGA", "TIFF", "WEBP"),
)


def open_picture(
    source: Path | IO[bytes], *, formats: Sequence[str] = PICTURE_FORMATS
) -> Image.Image:
    """A photo's picture, whose header was read; use it in a `with` block, as `PIL.Image.open`'s.

    Args:
        source: A regular file, or its bytes.
        formats: Those that are wanted, of `PICTURE_FORMATS`.

    Raises:
        OSError: If it is no regular file, can't be read, or isn't in one of the formats.
        Exception: Whatever else Pillow raises for a broken file.
    """
    if isinstance(source, Path) and not stat.S_ISREG(source.stat().st_mode):
        raise OSError(f"it is not a regular file: {source}")
    return Image.open(source, formats=tuple(formats))


def start_no_program_for_pictures() -> None:
    """Make sure that no library of this process starts Ghostscript, not even by its own `open`."""
    EpsImagePlugin.gs_binary = False
