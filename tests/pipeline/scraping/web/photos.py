"""The files of the photo hosts: honest photos, and files that are something else."""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image

SIDE_PX = (160, 120)


def photo(seed: int, *, size: tuple[int, int] = SIDE_PX, kind: str = "JPEG") -> bytes:
    """A photo of coarse coloured patches; another seed looks entirely different."""
    patches = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    image = Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)
    file = BytesIO()
    image.save(file, kind)
    return file.getvalue()


def bomb() -> bytes:
    """A PNG of 100 kB or less that says it has 400 million pixels, and has the data for some."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(20_000_000))
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
