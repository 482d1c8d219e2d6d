"""Divides class folders into folds for cross-validation, with scikit-learn.

`out`/fold 1 and so on are separate data sets, each with train and val. Each photo is in val once,
together with its copies; photos in several classes are only in train, as in any split.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from hidden_test_spec.errors import quote
from hidden_test_spec.images import ImageFolder
from hidden_test_spec.sidecar import Part, SplitRecord
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.copies import CopyGroup, find_copies
from pipeline.folders import (
    bad_folder_error,
    check_outside,
    class_count_faults,
    list_class_folders,
    new_folder,
)
from pipeline.progress import Report
from pipeline.splitting.dividing import few_unit_faults
from pipeline.splitting.leaks import find_leaks
from pipeline.splitting.placing import place_images
from pipeline.splitting.split import RECORD_NAME
from pipeline.splitting.telling import (
    COPIES_NAME,
    Split,
    copies_json,
    tell_copies,
    tell_left_out,
    tell_split,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldSettings:
    """How to divide: the number of folds, the seed, links or copies, and which files are images."""

    n_folds: int
    seed: int = 5
    is_linked: bool = False
    extensions: tuple[str, ...] = IMAGE_EXTENSIONS


def split_folds(
    images: Path, out: Path, settings: FoldSettings, report: Report
) -> tuple[SplitRecord, ...]:
    """Divide a folder of class folders into `out`/fold N/{train,val}, and record how.

    Returns:
        The record of each fold, which is also written to its split.json.

    Raises:
        UsageError: If `out` is inside the images' folder.
        BadInputError: With everything that is wrong with the images, or if `out` is taken.
        MachineError: If links were asked for and can't be made.
        FileAccessError: If something can't be read or written.
    """
    check_outside(out, images)
    folder = list_class_folders(images, extensions=settings.extensions)
    groups = find_copies(folder)
    reason = "so that val of each fold gets one; add images or change --folds"
    faults = class_count_faults(folder)
    faults += few_unit_faults(folder, groups, needed=settings.n_folds, reason=reason)
    if faults:
        raise bad_folder_error(images, faults)
    tell_left_out(folder, report)
    folds = _decide(folder, settings, groups)
    _check_filled(folder, [fold.parts for fold in folds])
    records = tuple(_record(fold.parts, settings) for fold in folds)
    with new_folder(out) as partial:
        for number, (fold, record) in enumerate(zip(folds, records, strict=True), start=1):
            place = partial / f"fold {number}"
            place_images(fold.parts, place, is_linked=settings.is_linked)
            (place / RECORD_NAME).write_text(record.model_dump_json(indent=2) + "\n", "utf-8")
            (place / COPIES_NAME).write_text(copies_json(fold, images), "utf-8")
    tell_copies(groups, report)
    for number, fold in enumerate(folds, start=1):
        report(f"Fold {number}:")
        tell_split(replace(fold, groups=()), report)
    return records


def _decide(
    folder: ImageFolder, settings: FoldSettings, groups: tuple[CopyGroup, ...]
) -> tuple[Split, ...]:
    """The folds, each with the leaks that it would have if images were divided one by one."""
    plain = _deal(folder, settings, ())
    return tuple(
        Split(
            parts=parts,
            groups=groups,
            leaks=(),
            prevented=find_leaks(groups, one_by_one.__getitem__),
        )
        for parts, one_by_one in zip(_deal(folder, settings, groups), plain, strict=True)
    )


def _deal(
    folder: ImageFolder, settings: FoldSettings, groups: Sequence[CopyGroup]
) -> tuple[dict[Path, Part], ...]:
    """The parts of each fold."""
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 - one option needs it

    crossing = {path for group in groups if len(group.labels) > 1 for path in group.images}
    dealt = [path for path in folder.paths if path not in crossing]
    first_of = {path: group.images[0] for group in groups for path in group.images}
    folds = StratifiedGroupKFold(settings.n_folds, shuffle=True, random_state=settings.seed)
    divided = folds.split(
        np.zeros(len(dealt)),
        [path.parent.name for path in dealt],
        groups=[str(first_of.get(path, path)) for path in dealt],
    )
    in_val = [{dealt[position] for position in positions} for _, positions in divided]
    return tuple(
        {path: "val" if path in those else "train" for path in folder.paths} for those in in_val
    )


def _check_filled(folder: ImageFolder, folds: Sequence[Mapping[Path, Part]]) -> None:
    """Make sure that every class has images in both parts of every fold.

    Raises:
        BadInputError: If parts are empty; it lists them all.
    """
    faults = [
        f"{quote(name)} has no images in {part} of fold {number}; use fewer --folds, add images, "
        "or try another --seed"
        for number, parts in enumerate(folds, start=1)
        for name, paths in folder.images_by_folder
        for part in ("train", "val")
        if part not in {parts[path] for path in paths}
    ]
    if faults:
        raise bad_folder_error(folder.root, faults)


def _record(parts: Mapping[Path, Part], settings: FoldSettings) -> SplitRecord:
    counts: dict[str, dict[Part, int]] = {}
    for path, part in parts.items():
        of_class = counts.setdefault(path.parent.name, {"train": 0, "val": 0})
        of_class[part] += 1
    share = 1 / settings.n_folds
    return SplitRecord(
        tool=f"scikit-learn {version('scikit-learn')} StratifiedGroupKFold",
        method=f"{settings.n_folds} folds",
        seed=settings.seed,
        ratio=(1 - share, share, 0.0),
        counts=counts,
    )
