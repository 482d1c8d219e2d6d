"""Copies of one photo among the images of a tree: groups of images that show the same photo.

Two images are copies if their bytes or pixels are equal, or if they or their mirror images look
alike by the measure of `hidden_test_spec.near_duplicates`. Nothing is moved or changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hidden_test_spec.fingerprints import Fingerprint, fingerprint_all
from hidden_test_spec.images import ImageFolder
from hidden_test_spec.near_duplicates import Kind, find_links, groups_of
from pipeline.errors import FileAccessError


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyGroup:
    """Two or more images that show one photo.

    Attributes:
        images: Their paths, in the order of the listing.
        kinds: How they are copies, strongest first.
    """

    images: tuple[Path, ...]
    kinds: tuple[Kind, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The class folders that hold them, sorted; more than one if some label is wrong."""
        return tuple(sorted({path.parent.name for path in self.images}))


def find_copies(folder: ImageFolder, *, known: Sequence[Fingerprint] = ()) -> tuple[CopyGroup, ...]:
    """The groups of images in a tree that show one photo; images without copies are left out.

    Args:
        folder: The listing of the tree.
        known: Fingerprints of images decoded before, as for `hash_images`.

    Raises:
        FileAccessError: If a file's bytes can't be read.
    """
    return group_copies(folder.paths, hash_images(folder.paths, known=known))


def group_copies(paths: Sequence[Path], prints: Sequence[Fingerprint]) -> tuple[CopyGroup, ...]:
    """The groups of images that show one photo, by the fingerprints of the images."""
    links = find_links(prints)
    return tuple(
        CopyGroup(
            images=tuple(paths[position] for position in group),
            kinds=tuple(dict.fromkeys(link.kind for link in links if link.first in group)),
        )
        for group in groups_of(len(paths), links)
        if len(group) > 1
    )


def hash_images(
    paths: Sequence[Path],
    *,
    known: Sequence[Fingerprint] = (),
    on_done: Callable[[int], None] = lambda _: None,
) -> tuple[Fingerprint, ...]:
    """Decode and hash images, in their order; a fingerprint says why its image can't be decoded.

    Args:
        paths: The images.
        known: Fingerprints of images; an image with the same bytes as one of them is not decoded
            again.
        on_done: Called after each image with the number of images done.

    Raises:
        FileAccessError: If a file's bytes can't be read.
    """
    try:
        return fingerprint_all(paths, on_done=on_done, known=known)
    except OSError as error:
        path = Path(error.filename or paths[0].parent)
        raise FileAccessError.of(error, path=path) from error
