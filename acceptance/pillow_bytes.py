"""Writes down what Pillow makes of pictures of many sizes, for the test of the grader's resizing.

It needs Python 3.8, any Pillow from 8 to 12 and nothing else, so that it runs in an environment of
an old Pillow too, and says the same in all of them:

    python acceptance/pillow_bytes.py > tests/grader/images/resized_by_pillow.tsv
"""

from __future__ import annotations

import hashlib
import sys
from itertools import product

from PIL import Image

_MODES = ("RGB", "L")
_SIZES = ((50, 60), (60, 50), (331, 467), (467, 331), (15, 400), (400, 15), (64, 64))
_TARGETS = ((32, 32), (224, 224), (64, 50), (16, 200))
_N_FILTERS = 6  # nearest, Lanczos, bilinear, bicubic, box, Hamming


def picture_of(mode: str, size: tuple[int, int]) -> Image.Image:
    """Noise that depends on mode and size only."""
    n_bytes = size[0] * size[1] * len(mode)
    seed = f"{mode} {size[0]} x {size[1]}".encode()
    return Image.frombytes(mode, size, hashlib.shake_128(seed).digest(n_bytes))


def digest_of(picture: Image.Image) -> str:
    """The pixels of a picture as a short text."""
    return hashlib.sha256(picture.tobytes()).hexdigest()[:16]


def main() -> None:
    """Print one line for each case."""
    lines = ["mode\tsize\ttarget\tfilter\tsha256"]
    for mode, size, target, chosen in product(_MODES, _SIZES, _TARGETS, range(_N_FILTERS)):
        resized = picture_of(mode, size).resize(target, chosen)
        sides = (f"{width}x{height}" for width, height in (size, target))
        lines.append("\t".join((mode, *sides, str(chosen), digest_of(resized))))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
