"""The photos that can be reviewed: those among the images, and those that were removed."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hidden_test_spec.images import ImageFolder
from pipeline.cleaning.audit.findings import Audit
from pipeline.cleaning.quarantine.entries import Place, Side
from pipeline.cleaning.quarantine.planning import Trees, image_place
from pipeline.cleaning.quarantine.state import State
from pipeline.cleaning.review.album import Listed
from pipeline.errors import FileAccessError


def list_photos(trees: Trees, folder: ImageFolder, state: State) -> tuple[Listed, ...]:
    """Every photo in the class folders and every removed one that is still there.

    No two have the same origin: if another photo has taken a name meanwhile, the photo that had it
    first is named by its present place.

    Raises:
        FileAccessError: If a file can't be read.
    """
    among_images = tuple(
        image_place(f"{label}/{path.name}")
        for label, paths in folder.images_by_folder
        for path in paths
    )
    removed = tuple(
        place
        for place in state.standings
        if place.side is Side.QUARANTINE and trees.file(place).is_file()
    )
    taken = {place.path for place in among_images if place not in state.standings}
    return tuple(_listed(trees, place, state, taken) for place in (*among_images, *removed))


def by_origin(audit: Audit, listed: Iterable[Listed]) -> Audit:
    """An audit of the images as they are, with each named by its origin."""
    origin_of = {one.place.path: one.origin for one in listed if one.place.side is Side.IMAGES}
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


def _listed(trees: Trees, place: Place, state: State, taken: set[str]) -> Listed:
    standing = state.standings.get(place)
    origin = place.path
    if standing is not None:
        origin = place.path if standing.origin in taken else standing.origin
        taken.add(origin)
    found = _stat(trees.file(place))
    return Listed(
        origin=origin, place=place, size_bytes=found.st_size, modified_ns=found.st_mtime_ns
    )


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise FileAccessError.of(error, path=path) from error
