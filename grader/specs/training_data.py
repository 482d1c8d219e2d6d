"""The training data that a test set is compared with: a folder of images, or an export's record."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from grader.errors import BadInputError
from grader.specs.audits import AuditedImage
from hidden_test_spec.errors import quote
from hidden_test_spec.fingerprints import Fingerprint
from hidden_test_spec.images import display_name, is_image_name, sha256_of
from hidden_test_spec.sidecar import Sidecar, TrainingImage, read_sidecar, sidecar_path
from hidden_test_spec.spec import IMAGE_EXTENSIONS

# What a model learned from or was selected by. It never saw the record's own test part.
_SEEN_PARTS = ("train", "val")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedImages:
    """Images of which only hashes are known; `prints` has one entry for each."""

    images: tuple[AuditedImage, ...]
    prints: tuple[Fingerprint, ...]


def training_images(root: Path, *, apart_from: Path) -> tuple[AuditedImage, ...]:
    """Every image below a folder, sorted; class folders give their images a label.

    Args:
        root: Training data: flat, in class folders, or in train and val folders that hold class
            folders.
        apart_from: The test folder. If it is inside `root`, its files are left out.

    Raises:
        BadInputError: If the folder can't be read or holds no images.
    """
    images = tuple(
        AuditedImage(
            path=path,
            name=display_name(path.relative_to(root).as_posix()),
            label=None if path.parent == root else display_name(path.parent.name),
        )
        for path in sorted(_image_paths(root, apart_from=apart_from.resolve()))
    )
    if not images:
        endings = ", ".join(f".{ending}" for ending in IMAGE_EXTENSIONS)
        raise BadInputError(
            what="The training folder holds no images",
            where=str(root),
            advice=f"pass a folder with images ending in {endings}, at any depth",
        )
    return images


def recorded_images(path: Path) -> RecordedImages:
    """The training images that an export's record lists.

    Args:
        path: The record, or the export beside it.

    Raises:
        BadInputError: If there is no record, or it lists no images or is about another file.
    """
    sidecar = _read(path)
    seen = [one for one in sidecar.images if one.part in _SEEN_PARTS]
    if not seen:
        raise BadInputError(
            what="The record beside the export lists no training images",
            where=str(sidecar_path(path)),
            advice="pass the training folder itself",
        )
    return RecordedImages(
        images=tuple(AuditedImage(path=None, name=None, label=None, part=one.part) for one in seen),
        prints=tuple(_recorded_print(one) for one in seen),
    )


def _image_paths(root: Path, *, apart_from: Path) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        raise BadInputError(
            what=f"The training data can't be read ({error.strerror})",
            where=str(error.filename),
            advice="pass a folder of images, an export, or the record beside one",
        ) from error

    for folder, subfolders, names in os.walk(root, onerror=stop):
        here = Path(folder)
        if here.resolve() == apart_from:
            subfolders.clear()
            continue
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        yield from (
            here / name for name in names if is_image_name(name, extensions=IMAGE_EXTENSIONS)
        )


def _read(path: Path) -> Sidecar:
    record = sidecar_path(path)
    try:
        sidecar = read_sidecar(path)
        found = sha256_of(path) if path != record else sidecar.sha256
    except OSError as error:
        raise BadInputError(
            what=f"The record of training images can't be read ({error.strerror})",
            where=str(error.filename),
            advice=f"pass the folder of training images, or put {quote(record.name)} beside "
            "the export, as `pipeline` writes it",
        ) from error
    except ValidationError as error:
        raise BadInputError(
            what="The file is not the record of an export",
            where=str(record),
            advice="pass the .json that `pipeline` wrote beside an export, or a folder of images",
        ) from error
    if found != sidecar.sha256:
        raise BadInputError(
            what="The record is about another file: the export has another SHA-256",
            where=str(path),
            advice="pass the export that the record was written for, or the record itself",
        )
    return sidecar


def _recorded_print(image: TrainingImage) -> Fingerprint:
    return Fingerprint(sha256=image.sha256, phash=image.phash, problem=None, look=None)
