"""What a file that is no sound image makes PIL raise."""

import struct
import zlib

from PIL import Image

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
