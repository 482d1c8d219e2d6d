"""Seeded split of class folders into train, val and test, with split-folders.

An image is copied, never moved. Files that are no images are left out. A split in which some part
of some class would be empty is refused before anything is written.
"""

import contextlib
import io
import math
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import get_args

from hidden_test_spec.errors import quote, quote_all
from hidden_test_spec.images import ImageFolder, list_images
from hidden_test_spec.sidecar import Part, SplitRecord
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.errors import BadFolderError, RatioError
from pipeline.folders import check_outside, class_count_faults, list_class_folders, new_folder
from pipeline.progress import Report

PARTS: tuple[Part, ...] = get_args(Part)
RECORD_NAME = "split.json"
DOCUMENT_RATIO = (0.70, 0.15, 0.15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSettings:
    """How to divide: the seed, the shares of train, val and test, and what counts as an image."""

    seed: int = 5
    ratio: tuple[float, float, float] = DOCUMENT_RATIO
    extensions: tuple[str, ...] = IMAGE_EXTENSIONS


def split_images(images: Path, out: Path, settings: SplitSettings, report: Report) -> SplitRecord:
    """Divide a folder of class folders into `out`/{train,val,test}, and record how.

    Returns:
        The record, which is also written to `out`/split.json.

    Raises:
        RatioError: If the shares are no shares.
        NestedOutputError: If `out` lies among the images.
        BadFolderError: With everything that is wrong with the images.
        OutputExistsError: If `out` is taken.
        FileAccessError: If something can't be written.
    """
    check_ratio(settings.ratio)
    check_outside(out, images)
    folder = list_class_folders(images, extensions=settings.extensions)
    faults = [*class_count_faults(folder), *part_faults(folder, settings.ratio)]
    if faults:
        raise BadFolderError(path=images, faults=tuple(faults))
    if folder.other_files:
        names = quote_all(folder.other_files)
        report(f"Left out, since they are no images ({len(folder.other_files)}): {names}")
    with new_folder(out) as partial:
        _copy(folder, partial, settings)
        record = _record(partial, settings)
        (partial / RECORD_NAME).write_text(record.model_dump_json(indent=2) + "\n", "utf-8")
    for part in PARTS:
        report(f"{part}: {sum(counts[part] for counts in record.counts.values())} images")
    return record


def check_ratio(ratio: tuple[float, float, float]) -> None:
    """Make sure that three numbers are shares of a whole.

    Raises:
        RatioError: If one isn't above 0, or they don't sum to 1.
    """
    if not all(share > 0 for share in ratio) or not math.isclose(sum(ratio), 1, abs_tol=4e-6):
        raise RatioError(ratio)


def part_faults(folder: ImageFolder, ratio: tuple[float, float, float]) -> list[str]:
    """The classes that have too few images to give every part one, and how many they need."""
    needed = _fewest_images(ratio)
    return [
        f"{quote(name)} has {len(paths)} image{'s' if len(paths) != 1 else ''} and needs at least "
        f"{needed}, so that train, val and test all get one; add images or change --ratio"
        for name, paths in folder.images_by_folder
        if len(paths) < needed
    ]


def _fewest_images(ratio: tuple[float, float, float]) -> int:
    """The smallest class that can be divided: train and val round down, test gets the rest."""
    n_images = math.ceil(1 / min(ratio[:2]))
    return n_images if int(n_images * min(ratio[:2])) >= 1 else n_images + 1


def _copy(folder: ImageFolder, out: Path, settings: SplitSettings) -> None:
    """Let split-folders copy the listed images; its progress bar is not shown."""
    import splitfolders  # noqa: PLC0415 - the command line answers --help without it

    wanted = {path for _, paths in folder.images_by_folder for path in paths}
    with contextlib.redirect_stderr(io.StringIO()):
        splitfolders.ratio(
            folder.root,
            output=out,
            seed=settings.seed,
            ratio=settings.ratio,
            group=lambda files: [path for path in files if path in wanted],
        )
    for hidden in out.glob("*/.*"):
        shutil.rmtree(hidden)


def _record(out: Path, settings: SplitSettings) -> SplitRecord:
    counts: dict[str, dict[Part, int]] = {}
    for part in PARTS:
        listing = list_images(out / part, extensions=settings.extensions)
        for name, paths in listing.images_by_folder:
            counts.setdefault(name, {})[part] = len(paths)
    return SplitRecord(
        tool=f"split-folders {version('split-folders')}",
        method="strict-document",
        seed=settings.seed,
        ratio=settings.ratio,
        counts=counts,
    )
