"""Folders of class folders: list them, find what is wrong with them, and make new ones whole.

A new folder appears under its name only when it is finished.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hidden_test_spec.errors import list_faults, quote
from hidden_test_spec.images import ImageFolder, list_images
from hidden_test_spec.labels import label_key
from hidden_test_spec.spec import Spec
from pipeline.errors import BadInputError, FileAccessError, UsageError

JOURNAL_NAME = "journal.jsonl"


def bad_folder_error(path: Path, faults: Sequence[str]) -> BadInputError:
    """Everything that is wrong with a folder of images."""
    n = len(faults)
    return BadInputError(
        what=f"The folder can't be used, for {n} reason{'s' if n != 1 else ''}:"
        f"{list_faults(faults)}",
        where=str(path),
        advice="fix the folder and try again",
    )


def list_class_folders(root: Path, *, extensions: tuple[str, ...]) -> ImageFolder:
    """List a folder of class folders.

    Raises:
        BadInputError: If it can't be listed.
    """
    if not root.exists():
        raise bad_folder_error(root, ["there is no such folder; check the path"])
    if not root.is_dir():
        raise bad_folder_error(root, ["it is a file; use the folder that contains it"])
    try:
        return list_images(root, extensions=extensions)
    except OSError as error:
        fault = f"{quote(str(error.filename))} can't be read: {error.strerror}"
        raise bad_folder_error(root, [fault]) from error


def class_count_faults(folder: ImageFolder) -> list[str]:
    """What is wrong with the number of classes: a classifier needs two."""
    names = [name for name, _ in folder.images_by_folder]
    if not names:
        return ["it holds no class folders; put the images of each class in a separate folder"]
    if len(names) == 1:
        return [f"it has only one class, {quote(names[0])}; a classifier needs two or more"]
    return []


def spec_faults(folder: ImageFolder, spec: Spec) -> list[str]:
    """Where the class folders differ from what a spec promises."""
    lookup = spec.lookup()
    names = [name for name, _ in folder.images_by_folder]
    found = {lookup.get(label_key(name)) for name in names}
    faults = [
        f"{quote(name)} is not a class of the spec {quote(spec.name)}; rename or remove it"
        for name in names
        if label_key(name) not in lookup
    ]
    faults += [
        f"the class {quote(label)} of the spec {quote(spec.name)} has no folder; add it"
        for label in spec.labels
        if label not in found
    ]
    if folder.n_images > spec.limits.max_images:
        faults.append(
            f"it holds {folder.n_images} images, and the spec {quote(spec.name)} allows "
            f"{spec.limits.max_images}; remove some"
        )
    return faults


def check_new(out: Path) -> None:
    """Make sure that a folder can be made: its name is free or belongs to an empty folder.

    Raises:
        BadInputError: If it is taken.
        FileAccessError: If that can't be determined.
    """
    try:
        is_taken = out.is_symlink() or out.is_file() or (out.is_dir() and any(out.iterdir()))
    except OSError as error:
        raise FileAccessError.of(error, path=out) from error
    if is_taken:
        raise BadInputError(
            what="--out already exists and is not an empty folder, and nothing is overwritten",
            where=str(out),
            advice="name another folder, or remove it and try again",
        )


def check_outside(out: Path, images: Path) -> None:
    """Make sure that a folder to be made does not lie in the folder of the images.

    Raises:
        UsageError: If it does.
    """
    if images.resolve() in out.resolve().parents:
        raise UsageError(
            what=f"--out lies inside the images' folder {quote(str(images))}, where it would look "
            "like a class",
            where=str(out),
            advice="name a folder outside of it",
        )


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to fill, beside `out`; it is renamed to `out` when the block succeeds.

    If the block is left by an exception, the folder and what it holds are removed.

    Raises:
        BadInputError: If `out` is taken.
        FileAccessError: If something can't be written.
    """
    check_new(out)
    partial = out.absolute().parent / f".{out.name}.partial-{os.getpid()}"
    try:
        partial.mkdir(parents=True)
        yield partial
        if out.exists():
            out.rmdir()
        partial.rename(out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileAccessError(path=out, reason=reason) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def is_quarantine(folder: Path) -> bool:
    """Whether a folder holds a journal, and so photos that belong to no class."""
    return (folder / JOURNAL_NAME).is_file()
