"""Seeded split of class folders into train, val and test, with split-folders.

The copies of one photo stay in one part, unless the source document's plain split is asked for. An
image is copied or linked, never moved. Files that are not images are left out. A split that would
leave a class without images in some part is refused before anything is written.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from hidden_test_spec.fingerprints import Fingerprint
from hidden_test_spec.images import ImageFolder
from hidden_test_spec.sidecar import Part, SplitRecord
from pipeline.copies import find_copies
from pipeline.folders import (
    bad_folder_error,
    check_outside,
    class_count_faults,
    list_class_folders,
    new_folder,
)
from pipeline.progress import Report
from pipeline.splitting.dividing import PARTS, divide, part_faults
from pipeline.splitting.leaks import find_leaks
from pipeline.splitting.placing import place_images
from pipeline.splitting.settings import SplitMethod, SplitSettings, check_ratio
from pipeline.splitting.telling import COPIES_NAME, Split, copies_json, tell_left_out, tell_split

RECORD_NAME = "split.json"


def split_images(
    images: Path,
    out: Path,
    settings: SplitSettings,
    report: Report,
    *,
    known: Sequence[Fingerprint] = (),
) -> SplitRecord:
    """Divide a folder of class folders into `out`/{train,val,test}, and record how.

    Args:
        images: The folder.
        out: The folder to make.
        settings: How to divide.
        report: The listener.
        known: Fingerprints of images; an image with the same bytes as one of them is not decoded
            again.

    Returns:
        The record, which is also written to `out`/split.json.

    Raises:
        UsageError: If the shares are invalid, or if `out` is inside the images' folder.
        BadInputError: With everything that is wrong with the images, or if `out` is taken.
        MachineError: If links were asked for and can't be made.
        MissingLibraryError: If split-folders isn't installed.
        FileAccessError: If something can't be read or written.
    """
    check_ratio(settings.ratio)
    check_outside(out, images)
    folder = list_class_folders(images, extensions=settings.extensions)
    _raise_faults(folder, [*class_count_faults(folder), *part_faults(folder, settings.ratio)])
    tell_left_out(folder, report)
    with new_folder(out) as partial:
        split = _decide(folder, settings, known)
        place_images(split.parts, partial, is_linked=settings.is_linked)
        record = _record(split.parts, settings)
        (partial / RECORD_NAME).write_text(record.model_dump_json(indent=2) + "\n", "utf-8")
        (partial / COPIES_NAME).write_text(copies_json(split, images), "utf-8")
    tell_split(split, report)
    return record


def _raise_faults(folder: ImageFolder, faults: Sequence[str]) -> None:
    if faults:
        raise bad_folder_error(folder.root, faults)


def _decide(folder: ImageFolder, settings: SplitSettings, known: Sequence[Fingerprint]) -> Split:
    groups = find_copies(folder, known=known)
    plain = divide(folder, settings, ())
    leaks = find_leaks(groups, plain.__getitem__)
    if settings.method is SplitMethod.STRICT_DOCUMENT:
        return Split(parts=plain, groups=groups, leaks=leaks, prevented=())
    _raise_faults(folder, part_faults(folder, settings.ratio, groups))
    return Split(parts=divide(folder, settings, groups), groups=groups, leaks=(), prevented=leaks)


def _record(parts: Mapping[Path, Part], settings: SplitSettings) -> SplitRecord:
    counts: dict[str, dict[Part, int]] = {}
    for path, part in parts.items():
        of_class = counts.setdefault(path.parent.name, dict.fromkeys(PARTS, 0))
        of_class[part] += 1
    return SplitRecord(
        tool=f"split-folders {version('split-folders')}",
        method=settings.method.value,
        seed=settings.seed,
        ratio=settings.ratio,
        counts=counts,
    )
