"""scikit-learn's real handwritten digits as images in class folders, for trying things out.

The images come with scikit-learn: 8 x 8 pixels in 17 grey levels, here enlarged.
"""

from pathlib import Path

from PIL import Image

from hidden_test_spec.reading import read_spec
from pipeline.errors import UsageError
from pipeline.folders import new_folder

_SIDE_PX = 64
_BRIGHTEST = 16


def write_digits(out: Path, *, per_class: int | None = None) -> int:
    """Write digits as PNG images into folders named after the classes of the digits spec.

    Args:
        out: The folder to make.
        per_class: How many digits of each class to write, from the first; None for all.

    Returns:
        The number of images written.

    Raises:
        UsageError: If some class has fewer digits.
        BadInputError: If `out` is taken.
        FileAccessError: If something can't be written.
    """
    from sklearn.datasets import load_digits  # noqa: PLC0415 - slow; --help answers without it

    digits = load_digits()
    indices_by_class = [(digits.target == digit).nonzero()[0] for digit in range(10)]
    smallest = min(len(indices) for indices in indices_by_class)
    if per_class is not None and per_class > smallest:
        raise UsageError(
            what=f"More digits were asked for than there are: the smallest class has {smallest}",
            where=f"--per-class {per_class}",
            advice=f"use at most {smallest}, or leave the option out to get all of them",
        )
    n_written = 0
    with new_folder(out) as partial:
        for label, indices in zip(read_spec("digits").labels, indices_by_class, strict=True):
            (partial / label).mkdir()
            for index in indices[:per_class]:
                grey = (digits.images[index] * (255 / _BRIGHTEST)).round().astype("uint8")
                image = Image.fromarray(grey).resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BICUBIC)
                image.save(partial / label / f"digit_{index:04}.png")
                n_written += 1
    return n_written
