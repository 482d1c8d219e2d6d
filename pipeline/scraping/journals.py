"""Files that only grow, one JSON value a line, and can be cut off anywhere without harm."""

import errno
import os
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.errors import ManifestError

Row = TypeVar("Row", bound=BaseModel)


class Journal(Generic[Row]):
    """Rows of one kind in a file. A row counts once its line is complete."""

    def __init__(self, path: Path, kind: type[Row]) -> None:
        self._path = path
        self._kind = kind

    def read(self) -> tuple[Row, ...]:
        """The complete rows. A last line that was cut off is removed from the file.

        Raises:
            ManifestError: If a complete line is no such row.
        """
        if not self._path.exists():
            return ()
        raw = self._path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) < len(raw):
            os.truncate(self._path, len(whole))
        rows, faults = [], []
        for number, line in enumerate(whole.split(b"\n")[:-1], start=1):
            try:
                rows.append(self._kind.model_validate_json(line))
            except ValidationError as error:
                faults.append(f"line {number}: {error.errors()[0]['msg']}")
        if faults:
            raise ManifestError(path=self._path, faults=tuple(faults))
        return tuple(rows)

    def append(self, row: Row) -> None:
        """Add one row, and wait until the disk has it."""
        append_durably(self._path, f"{row.model_dump_json()}\n")


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
