"""Thumbnails of a test set's photos, for a page of limited size.

A photo is shown only if it is the very file that was graded, by its hash. A report may come from
elsewhere, so its names are joined to the folder with care, and no file is trusted to be a photo.
"""

import base64
import hashlib
import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import Image

from grader.images.decoding import DECODER_ERRORS
from grader.results.report import ImageRecord
from hidden_test_spec.pictures import open_picture
from hidden_test_spec.regular_files import read_regular

PhotoState: TypeAlias = Literal["shown", "no_folder", "missing", "changed", "broken", "left_out"]

SIDE_PX = 112
_QUALITY = 60
MAX_FILE_BYTES = 64 * 1024 * 1024
_MAX_PIXELS = 50_000_000

# A page leaves out a picture of implausible size, even where PIL only warns about it.
_ERRORS = (*DECODER_ERRORS, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A small picture as a data URI, or why there is none."""

    state: PhotoState
    uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much of a page thumbnails may take.

    Attributes:
        n_bytes: The most characters of all data URIs together.
        n_photos: The most thumbnails, since each takes time to make.
        side_px: The longer side of each; a smaller photo keeps its size.
    """

    n_bytes: int = 8_500_000
    n_photos: int = 2_500
    side_px: int = SIDE_PX


LARGE = Budget(n_bytes=4_000_000, n_photos=160, side_px=400)


def thumbnails(
    photos: Path | None,
    images: Sequence[ImageRecord],
    *,
    order: Iterable[int],
    budget: Budget,
) -> tuple[Thumbnail, ...]:
    """One for each image, as far as the budget goes; equal files give equal thumbnails.

    Args:
        photos: The test folder; None if it is not available.
        images: What was graded.
        order: Positions of images, the most important first.
        budget: How much they may take.
    """
    if photos is None or not photos.is_dir():
        return (Thumbnail(state="no_folder"),) * len(images)
    made = [Thumbnail(state="left_out")] * len(images)
    for position, thumbnail in _affordable(photos, images, order=order, budget=budget):
        made[position] = thumbnail
    return tuple(made)


def _affordable(
    photos: Path, images: Sequence[ImageRecord], *, order: Iterable[int], budget: Budget
) -> Iterator[tuple[int, Thumbnail]]:
    n_bytes = n_photos = 0
    for position in order:
        if n_photos == budget.n_photos:
            return
        thumbnail = thumbnail_of(photos, images[position], side_px=budget.side_px)
        n_bytes += len(thumbnail.uri)
        if n_bytes > budget.n_bytes:
            return
        n_photos += thumbnail.state == "shown"
        yield position, thumbnail


def thumbnail_of(photos: Path, image: ImageRecord, *, side_px: int = SIDE_PX) -> Thumbnail:
    """The thumbnail of one image, oriented as in its file, without the file's metadata."""
    content = _content(photos, image.name)
    if content is None:
        return Thumbnail(state="missing")
    if hashlib.sha256(content).hexdigest() != image.sha256:
        return Thumbnail(state="changed")
    try:
        small = _small(content, side_px)
    except _ERRORS:
        return Thumbnail(state="broken")
    return Thumbnail(
        state="shown", uri="data:image/webp;base64," + base64.b64encode(small).decode("ascii")
    )


def _content(photos: Path, name: str) -> bytes | None:
    """What a file holds; None if the name leads out of the folder, or no usable file is there."""
    relative = Path(name)
    if relative.anchor or ".." in relative.parts:
        return None
    try:
        return read_regular(photos / relative, max_bytes=MAX_FILE_BYTES, follows_links=True)
    except (OSError, ValueError):
        return None


def _small(content: bytes, side_px: int) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata didn't matter to the grading either
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with open_picture(io.BytesIO(content)) as opened:
            if opened.width * opened.height > _MAX_PIXELS:
                raise ValueError("too large for a thumbnail")
            opened.draft("RGB", (2 * side_px, 2 * side_px))
            small = opened.convert("RGB")
    small.thumbnail((side_px, side_px))
    # A new picture, since a copy would keep EXIF data and colour profiles.
    clean = Image.new("RGB", small.size)
    clean.paste(small)
    written = io.BytesIO()
    clean.save(written, "WEBP", quality=_QUALITY)
    return written.getvalue()
