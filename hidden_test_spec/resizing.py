"""The order in which a photo is resized: its width, then its height, whichever Pillow is installed.

Up to version 12, Pillow always did it in this order, and students' networks saw such photos. Since
version 13 the order depends on the sizes. As values are rounded in between, a photo then differs by
a grey level here and there, and some networks answer differently.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

_PLAIN_RESIZE = Image.Image.resize


def resized(picture: Image.Image, size: tuple[int, int], resample: int | None) -> Image.Image:
    """A picture at another size; one without pixels becomes black.

    Args:
        picture: In whatever mode.
        size: Width and height in pixels.
        resample: PIL's number for a filter; None is PIL's default.
    """
    if picture.width == 0 or picture.height == 0:
        return _PLAIN_RESIZE(picture, size, resample)
    wide = _PLAIN_RESIZE(picture, (size[0], picture.height), resample)
    return _PLAIN_RESIZE(wide, size, resample)


@contextmanager
def resizing_in_order() -> Iterator[None]:
    """Inside the block, other libraries resize in this order too, fastai among them."""
    kept = Image.Image.resize

    def resize(
        picture: Image.Image,
        size: tuple[int, int],
        resample: int | None = None,
        *others: object,
        **options: object,
    ) -> Image.Image:
        if others or options:
            return kept(picture, size, resample, *others, **options)  # type: ignore[arg-type]
        return resized(picture, size, resample)

    Image.Image.resize = resize  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Image.Image.resize = kept  # type: ignore[method-assign]
