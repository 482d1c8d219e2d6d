"""The photos that can be reviewed: those among the images, and those that were removed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hidden_test_spec.images import ImageFolder
from pipeline.cleaning.entries import Side
from pipeline.cleaning.findings import Audit
from pipeline.cleaning.planning import Trees, image_place
from pipeline.cleaning.review.album import Listed
from pipeline.cleaning.state import State
from pipeline.errors import FileAccessError


def list_photos(trees: Trees, folder: ImageFolder, state: State) -> tuple[Listed, ...]:
    """Every photo in the class folders and every removed one that is still there.

    Raises:
        FileAccessError: If a file can't be read.
    """
    found = tuple(_among_images(folder, state))
    taken = {one.origin for one in found}
    return (*found, *_removed(trees, state, taken))


def by_origin(audit: Audit, state: State) -> Audit:
    """An audit of the images as they are, with each named as it was before all decisions."""
    origin_of = {
        place.path: standing.origin
        for place, standing in state.standings.items()
        if place.side is Side.IMAGES
    }
    return replace(
        audit,
        photos=tuple(
            replace(one, image=origin_of.get(one.image, one.image)) for one in audit.photos
        ),
        findings=tuple(
            replace(one, images=tuple(origin_of.get(image, image) for image in one.images))
            for one in audit.findings
        ),
    )


def _among_images(folder: ImageFolder, state: State) -> Iterator[Listed]:
    for label, paths in folder.images_by_folder:
        for path in paths:
            place = image_place(f"{label}/{path.name}")
            standing = state.standings.get(place)
            origin = place.path if standing is None else standing.origin
            yield Listed(origin=origin, place=place, size_bytes=_size_bytes(path))


def _removed(trees: Trees, state: State, taken: set[str]) -> Iterator[Listed]:
    """Those in the quarantine; another photo may have come to an old name meanwhile."""
    for place, standing in state.standings.items():
        path = trees.file(place)
        if place.side is Side.QUARANTINE and path.is_file():
            origin = place.path if standing.origin in taken else standing.origin
            taken.add(origin)
            yield Listed(origin=origin, place=place, size_bytes=_size_bytes(path))


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise FileAccessError(path=path, reason=error.strerror or str(error)) from error
