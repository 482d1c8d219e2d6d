"""Files that are written whole or not at all, and are on the disk when a function returns."""

import errno
import os
from collections.abc import Iterable
from io import FileIO
from pathlib import Path


def append_durably(path: Path, text: str) -> None:
    """Write text at the end of a file, and wait until the disk has it; all of it, or nothing."""
    with path.open("ab", buffering=0) as file:
        size_before = file.tell()
        try:
            _write_whole(file, text.encode())
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size_before)
            raise
    if not size_before:
        sync_folder(path.parent)


def write_atomically(path: Path, parts: Iterable[bytes]) -> None:
    """Write a whole file, which appears under its name only when the disk has all of it."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    rename_durably(partial, path)


def rename_durably(path: Path, new: Path) -> None:
    """Rename a file, and wait until the disk has its new name."""
    path.replace(new)
    sync_folder(new.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder; nothing on systems that can't tell."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Folders that a virtual machine shares with its host, for one, can't be waited for.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def _write_whole(file: FileIO, content: bytes) -> None:
    """Write all of it; an unbuffered file may take a part at a time."""
    while content:
        content = content[file.write(content) :]
