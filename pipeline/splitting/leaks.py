"""Leaks between the parts of a data set: photos whose copies are in more than one part.

A model that has learned from a photo knows its copies, so a copy in val or test measures nothing.
Changes no file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hidden_test_spec.errors import quote, quote_all
from hidden_test_spec.images import display_name
from hidden_test_spec.near_duplicates import Kind
from pipeline.copies import CopyGroup, group_copies, hash_images
from pipeline.folders import bad_folder_error, is_quarantine, list_class_folders
from pipeline.progress import Report, step

_IN_WORDS: dict[Kind, str] = {
    "same_file": "the same file",
    "same_pixels": "the same picture",
    "near": "nearly the same picture",
    "mirrored": "a mirror image",
}
_FEWEST_PARTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One photo that is in more than one part.

    Attributes:
        images: Part and path of each image that shows it.
        kinds: How they are copies, strongest first.
    """

    images: tuple[tuple[str, Path], ...]
    kinds: tuple[Kind, ...]

    def __str__(self) -> str:
        shown = [quote(f"{part}/{path.parent.name}/{path.name}") for part, path in self.images]
        return f"{', '.join(shown)}: {', '.join(_IN_WORDS[kind] for kind in self.kinds)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakSearch:
    """What was compared, and the leaks that were found.

    Attributes:
        counts: How many images each part has, by the names of the parts.
        leaks: The photos that are in more than one of them.
    """

    counts: tuple[tuple[str, int], ...]
    leaks: tuple[Leak, ...]


def find_leaks(groups: Sequence[CopyGroup], part_of: Callable[[Path], str]) -> tuple[Leak, ...]:
    """The groups of copies whose images are in more than one part."""
    placed = [
        Leak(images=tuple((part_of(path), path) for path in group.images), kinds=group.kinds)
        for group in groups
    ]
    return tuple(leak for leak in placed if len({part for part, _ in leak.images}) > 1)


def verify_split(dataset: Path, report: Report, *, extensions: tuple[str, ...]) -> LeakSearch:
    """Look for leaks in a data set, no matter who divided it: DATASET/<part>/<class>/<image>.

    Every folder that holds class folders with images counts as a part, whatever its name, except
    the quarantine of photos removed from a part.

    Raises:
        BadInputError: If there are fewer than two parts.
        FileAccessError: If an image's bytes can't be read.
    """
    parts, quarantines = _parts(dataset, extensions)
    if len(parts) < _FEWEST_PARTS:
        raise bad_folder_error(dataset, [_no_parts_fault(dataset, extensions)])
    if quarantines:
        report(f"Left out, since removed photos are kept there: {quote_all(quarantines)}")
    paths = [path for images in parts.values() for path in images]
    with step(f"Comparing {len(paths)} images of {len(parts)} parts", report):
        prints = hash_images(paths)
    for path, found in zip(paths, prints, strict=True):
        if found.problem is not None:
            name = display_name(path.relative_to(dataset).as_posix())
            report(f"Note: {quote(name)} can't be read and is compared by its bytes only")
    return LeakSearch(
        counts=tuple((name, len(images)) for name, images in parts.items()),
        leaks=find_leaks(group_copies(paths, prints), lambda path: path.parents[1].name),
    )


def _parts(
    dataset: Path, extensions: tuple[str, ...]
) -> tuple[dict[str, tuple[Path, ...]], tuple[str, ...]]:
    """The images of each part, and the names of the quarantines beside them."""
    names = [
        name for name, _ in list_class_folders(dataset, extensions=extensions).images_by_folder
    ]
    quarantines = tuple(name for name in names if is_quarantine(dataset / name))
    listings = {
        name: list_class_folders(dataset / name, extensions=extensions)
        for name in names
        if name not in quarantines
    }
    parts = {name: listing.paths for name, listing in listings.items() if listing.n_images}
    return parts, quarantines


def _no_parts_fault(dataset: Path, extensions: tuple[str, ...]) -> str:
    """What is wrong with a folder without parts, and which folder to use."""
    names = [
        name for name, _ in list_class_folders(dataset, extensions=extensions).images_by_folder
    ]
    divided = [
        name for name in names if len(_parts(dataset / name, extensions)[0]) >= _FEWEST_PARTS
    ]
    if divided:
        return f"it holds whole data sets, not parts; use one of them: {quote_all(divided)}"
    return (
        "it doesn't hold two parts, such as train and test, with class folders of images; "
        "use the folder that contains the parts"
    )
