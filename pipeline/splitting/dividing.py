"""Decides which images of class folders go to train, val and test; moves nothing.

split-folders decides, on a tree of empty files with the images' names: the result depends only on
names, seed and ratio. The copies of a photo stay together. Copies that are in several classes all
go to train, since one of their labels is wrong, and no choice or measurement should rest on a
mistake.
"""

import contextlib
import io
import math
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from hidden_test_spec.errors import quote
from hidden_test_spec.images import ImageFolder
from hidden_test_spec.sidecar import Part
from pipeline.copies import CopyGroup
from pipeline.libraries import needing
from pipeline.splitting.settings import SplitSettings

PARTS: tuple[Part, ...] = get_args(Part)

# Class folder and file name, as they are in any tree.
_Name = tuple[str, str]


def divide(
    folder: ImageFolder, settings: SplitSettings, groups: Sequence[CopyGroup]
) -> dict[Path, Part]:
    """The part of each image, in the order of the listing.

    Args:
        folder: The images.
        settings: Seed and ratio.
        groups: Images that stay together; with none, this is split-folders' plain split.

    Raises:
        MissingLibraryError: If split-folders isn't installed.
    """
    crossing = {path for group in groups if len(group.labels) > 1 for path in group.images}
    parts: dict[Path, Part] = dict.fromkeys(crossing, "train")
    units = {
        _name(path): group.images
        for group in groups
        if len(group.labels) == 1
        for path in group.images
    }
    with TemporaryDirectory() as scratch:
        images, out = Path(scratch) / "images", Path(scratch) / "out"
        _write_names(folder, images, left_out=crossing)
        _let_split_folders(images, out, settings, units)
        dealt = {_name(path): part for part in PARTS for path in (out / part).glob("*/*")}
    return {path: parts.get(path) or dealt[_name(path)] for path in folder.paths}


def part_faults(
    folder: ImageFolder, ratio: tuple[float, float, float], groups: Sequence[CopyGroup] = ()
) -> list[str]:
    """The classes with too few images to give every part one, and how many they need."""
    remedy = (
        "add images, change --ratio or use --strict-document"
        if groups
        else ("add images or change --ratio")
    )
    reason = f"so that train, val and test all get one; {remedy}"
    return few_unit_faults(folder, groups, needed=_fewest_images(ratio), reason=reason)


def few_unit_faults(
    folder: ImageFolder, groups: Sequence[CopyGroup], *, needed: int, reason: str
) -> list[str]:
    """The classes with fewer photos to divide than are needed; the reason ends each line."""
    counts = _unit_counts(folder, groups)
    return [
        f"{quote(name)} has {_amount(len(paths), counts[name])} and needs at least {needed}, "
        f"{reason}"
        for name, paths in folder.images_by_folder
        if counts[name] < needed
    ]


def _unit_counts(folder: ImageFolder, groups: Sequence[CopyGroup]) -> dict[str, int]:
    """How many units each class has to divide; a photo counts once, however many copies it has.

    Photos in several classes don't count, since they all go to train.
    """
    counts = {name: len(paths) for name, paths in folder.images_by_folder}
    for group in groups:
        is_dealt = len(group.labels) == 1
        for path in group.images[1:] if is_dealt else group.images:
            counts[path.parent.name] -= 1
    return counts


def _amount(n_images: int, n_units: int) -> str:
    images = f"{n_images} image{'s' if n_images != 1 else ''}"
    if n_images == n_units:
        return images
    different = f"{n_units} different photo{'s' if n_units != 1 else ''}"
    return f"{images}, but only {different} that no other class has,"


def _fewest_images(ratio: tuple[float, float, float]) -> int:
    """The smallest class that can be divided: train and val round down, test gets the rest."""
    n_images = math.ceil(1 / min(ratio[:2]))
    return n_images if int(n_images * min(ratio[:2])) >= 1 else n_images + 1


def _write_names(folder: ImageFolder, root: Path, *, left_out: set[Path]) -> None:
    for name, paths in folder.images_by_folder:
        (root / name).mkdir(parents=True)
        for path in paths:
            if path not in left_out:
                (root / name / path.name).touch()


def _let_split_folders(
    images: Path, out: Path, settings: SplitSettings, units: dict[_Name, tuple[Path, ...]]
) -> None:
    """Run split-folders on a tree; its progress bar is not shown."""
    with needing("pipeline"):
        import splitfolders  # noqa: PLC0415 - an extra; grading's tests run without it

    def grouped(files: list[Path]) -> list[tuple[Path, ...]]:
        together = {
            tuple(images / one.parent.name / one.name for one in units.get(_name(path), (path,)))
            for path in files
        }
        return sorted(together)

    with contextlib.redirect_stderr(io.StringIO()):
        splitfolders.ratio(
            images, output=out, seed=settings.seed, ratio=settings.ratio, group=grouped
        )


def _name(path: Path) -> _Name:
    return path.parent.name, path.name
