"""A divided data set as a value: which images each part holds, and the fingerprint of each.

The folders are DATASET/{train,val}/<class>/<image>, and DATASET/test where there is one. Training
reads train and val; test is only hashed, for the record beside an export.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from hidden_test_spec.errors import quote, quote_all
from hidden_test_spec.fingerprints import Fingerprint
from hidden_test_spec.images import ImageFolder
from hidden_test_spec.labels import label_key
from hidden_test_spec.sidecar import Part, SplitRecord, TrainingImage
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.copies import hash_images
from pipeline.folders import bad_folder_error, class_count_faults, list_class_folders
from pipeline.progress import Report
from pipeline.splitting.dividing import PARTS
from pipeline.splitting.split import RECORD_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set that can be trained on.

    Attributes:
        root: The folder with the parts.
        vocab: The names of train's class folders, sorted.
        train: Paths of the images to learn from, by class and name.
        val: Paths of the images to choose by.
        images: The hashes of every image of every part.
        split: How it was divided; None where there is no record.
    """

    root: Path
    vocab: tuple[str, ...]
    train: tuple[Path, ...]
    val: tuple[Path, ...]
    images: tuple[TrainingImage, ...]
    split: SplitRecord | None


def read_dataset(
    root: Path,
    report: Report,
    *,
    extensions: tuple[str, ...] = IMAGE_EXTENSIONS,
    known: Sequence[Fingerprint] = (),
) -> Dataset:
    """Read a divided data set, and decode every image of it once.

    Args:
        root: The folder with the parts.
        report: The listener.
        extensions: Endings that mark an image.
        known: Fingerprints of images; an image with the same bytes as one of them is not decoded
            again.

    Raises:
        BadInputError: With everything that is wrong with it; images of test are not checked.
        FileAccessError: If an image's bytes can't be read.
    """
    parts = _list_parts(root, extensions=extensions)
    faults = [*_class_faults(parts["train"], parts["val"])]
    split = _read_record(root, faults)
    hashed = {part: hash_images(folder.paths, known=known) for part, folder in parts.items()}
    for part in ("train", "val"):
        faults += unreadable_faults(root, parts[part].paths, hashed[part])
    if faults:
        raise bad_folder_error(root, faults)
    for name in sorted(_names(parts["train"]) - _names(parts["val"])):
        report(f"Note: val holds no images of {quote(name)}")
    others = [f"{part}/{name}" for part, folder in parts.items() for name in folder.other_files]
    if others:
        report(f"Not used, since they are not images ({len(others)}): {quote_all(others)}")
    return Dataset(
        root=root,
        vocab=tuple(name for name, _ in parts["train"].images_by_folder),
        train=parts["train"].paths,
        val=parts["val"].paths,
        images=tuple(
            TrainingImage(part=part, sha256=found.sha256, phash=found.phash)
            for part, prints in hashed.items()
            for found in prints
        ),
        split=split,
    )


def unreadable_faults(
    root: Path, paths: Sequence[Path], prints: Sequence[Fingerprint]
) -> list[str]:
    """The images that can't be decoded, by their path below `root`, with what to do."""
    return [
        f"{quote(path.relative_to(root).as_posix())} can't be read: {found.problem}; "
        "remove it, or replace it with the image"
        for path, found in zip(paths, prints, strict=True)
        if found.problem is not None
    ]


def _list_parts(root: Path, *, extensions: tuple[str, ...]) -> dict[Part, ImageFolder]:
    """List the parts that are there; train and val must be."""
    parts_root = list_class_folders(root, extensions=extensions)
    present = {name for name, _ in parts_root.images_by_folder}
    missing = [name for name in ("train", "val") if name not in present]
    if missing:
        faults = [
            f"it has no folder {quote(name)}; make the data set with pipeline split"
            for name in missing
        ]
        raise bad_folder_error(root, faults)
    return {
        part: list_class_folders(root / part, extensions=extensions)
        for part in PARTS
        if part in present
    }


def _class_faults(train: ImageFolder, val: ImageFolder) -> Iterator[str]:
    yield from (f"train: {fault}" for fault in class_count_faults(train))
    names = {name for name, _ in train.images_by_folder}
    keys = {label_key(name) for name in names}
    for name, paths in train.images_by_folder:
        if not paths:
            yield f"train: {quote(name)} holds no images; add some or remove the folder"
    for name, _ in val.images_by_folder:
        if name in names:
            continue
        if label_key(name) in keys:
            yield f"val: {quote(name)} is spelled differently in train; give both the same name"
        else:
            yield f"val: {quote(name)} has no folder in train; add it there or remove it"
    if val.images_by_folder and not val.n_images:
        yield "val: it holds no images; training needs some to choose the best epoch"
    if not val.images_by_folder:
        yield "val: it holds no class folders; training needs images to choose the best epoch"


def _names(folder: ImageFolder) -> set[str]:
    return {name for name, paths in folder.images_by_folder if paths}


def _read_record(root: Path, faults: list[str]) -> SplitRecord | None:
    path = root / RECORD_NAME
    if not path.exists():
        return None
    try:
        return SplitRecord.model_validate_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        faults.append(f"{quote(RECORD_NAME)} is not a record of a split; remove it or split again")
        return None
