"""From a folder to a seal to publish and a key to keep; existing files are not overwritten."""

import datetime as dt
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel

from grader.errors import BadInputError, GraderError, write_errors
from grader.specs.listing import labelled_images, unreadable_image
from hidden_test_spec.errors import quote_all
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sealing import (
    Seal,
    SealedImage,
    SealedSpec,
    SealKey,
    repeated_names,
    seal_images,
    sealed_image,
)
from hidden_test_spec.spec import Spec

# Only the owner may read and write the key.
_KEY_MODE, _SEAL_MODE = 0o600, 0o644


def seal_folder(
    root: Path,
    *,
    spec: Spec | None,
    salt: str,
    created: dt.date,
    on_progress: Callable[[int, int], None],
) -> tuple[Seal, SealKey]:
    """The seal of a test folder, and its key.

    Args:
        root: The folder, DIR/<label>/<image>.
        spec: The spec whose classes the labels are; None takes the folders' names.
        salt: 32 unpredictable random bytes in hexadecimal.
        created: The day of the promise.
        on_progress: Called with images hashed and images in all.

    Raises:
        BadInputError: If the folder could not be graded on, a file can't be read, or two names
            differ only in their Unicode form.
    """
    images = hashed_images(root, spec=spec, on_progress=on_progress)
    key = SealKey(salt=salt, images=images)
    return seal_images(key, created=created, spec=sealed_spec(spec)), key


def sealed_spec(spec: Spec | None) -> SealedSpec | None:
    """The spec that a seal names."""
    return None if spec is None else SealedSpec(name=spec.name, version=spec.version)


def hashed_images(
    root: Path, *, spec: Spec | None, on_progress: Callable[[int, int], None]
) -> tuple[SealedImage, ...]:
    """The images of a folder as they are sealed, sorted by folder and name.

    Raises:
        BadInputError: As for `seal_folder`.
    """
    images = labelled_images(root, spec=spec)
    sealed = []
    for image in images:
        try:
            sha256 = sha256_of(image.path)
        except OSError as error:
            raise unreadable_image(error, str(image.path)) from error
        sealed.append(sealed_image(image.name, label=image.label, sha256=sha256))
        on_progress(len(sealed), len(images))
    check_names(sealed, source=root)
    return tuple(sealed)


def check_names(images: Sequence[SealedImage], *, source: Path) -> None:
    """Make sure that the images' names are all different.

    Raises:
        BadInputError: If names are the same after Unicode NFC.
    """
    repeated = repeated_names(images)
    if repeated:
        raise BadInputError(
            what=f"Images whose names can't be told apart: {quote_all(repeated)}",
            where=str(source),
            advice="rename them; names that differ only in how an accent is written, or in bytes "
            "that are not UTF-8, count as the same",
        )


def write_seal(seal: Seal, seal_path: Path, *, key: SealKey, key_path: Path) -> None:
    """Write both files: first the key, which only its owner may read.

    Raises:
        BadInputError: If one already exists or can't be written; no half-written file is left.
        MachineError: If the disk is full.
    """
    _write_new(key_path, key, mode=_KEY_MODE, option="--key")
    try:
        _write_new(seal_path, seal, mode=_SEAL_MODE, option="--out")
    except GraderError:
        key_path.unlink()
        raise


def _write_new(path: Path, value: BaseModel, *, mode: int, option: str) -> None:
    with write_errors(path, option=option):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with open(file, "w", encoding="utf-8") as text:  # noqa: PTH123 - Path.open has no mode
                text.write(value.model_dump_json(indent=2) + "\n")
        except OSError:
            path.unlink()
            raise
