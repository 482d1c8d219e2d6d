"""Files that are written whole or not at all, and are on the disk when a function returns."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path


def append_durably(path: Path, text: str) -> None:
    """Append text to a file, all of it or nothing, and wait until the disk has it."""
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


def encoded(text: str) -> bytes:
    r"""A text as UTF-8; half of a surrogate pair, which UTF-8 can't hold, is escaped as in JSON.

    Example:
        >>> encoded("wren \udc80")
        b'wren \\udc80'
    """
    return text.encode("utf-8", "backslashreplace")


def read_whole_lines(path: Path) -> bytes:
    """The complete lines of a file; none if there is no file."""
    raw = path.read_bytes() if path.exists() else b""
    return raw[: raw.rfind(b"\n") + 1]


def cut_torn_line(path: Path) -> None:
    """Remove an incomplete last line, which a killed process or a full disk left."""
    size_bytes = len(read_whole_lines(path))
    if path.exists() and size_bytes < path.stat().st_size:
        os.truncate(path, size_bytes)


def write_atomically(path: Path, content: str | bytes, *, is_cached: bool = False) -> None:
    """Write a whole file, which appears under its name only once the disk has all of it.

    A link of that name is replaced, and what it leads to stays as it is.

    Args:
        path: The file; an older one is replaced.
        content: Bytes, or text for UTF-8, whose line ends stay as they are.
        is_cached: As for `replaced_atomically`.
    """
    with replaced_atomically(path, is_cached=is_cached) as partial:
        partial.unlink(missing_ok=True)
        partial.touch(exist_ok=False)  # never through a link that somebody put there
        partial.write_bytes(encoded(content) if isinstance(content, str) else content)


@contextmanager
def replaced_atomically(path: Path, *, is_cached: bool = False) -> Iterator[Path]:
    """A temporary path to write to, which is renamed to `path` if the block succeeds.

    If the block is left by an exception, what it wrote is removed, and an older file stays.

    Args:
        path: The file.
        is_cached: Whether the file belongs to a cache and may be lost: then it doesn't wait for the
            disk, and several threads and processes may write the same file at once.

    Raises:
        OSError: If it can't be written. It names the file, not the temporary path.
    """
    writer = f".{os.getpid()}-{threading.get_ident()}" if is_cached else ""
    partial = path.with_name(f".{path.name}{writer}.partial")
    try:
        yield partial
        if is_cached:
            partial.replace(path)
        else:
            _sync_file(partial)
            rename_durably(partial, path)
    except OSError as error:
        if str(error.filename) == str(partial):
            error.filename = str(path)
        raise
    finally:
        with suppress(OSError):
            partial.unlink()


def rename_durably(path: Path, new: Path) -> None:
    """Rename a file, and wait until the disk has its new name."""
    path.replace(new)
    sync_folder(new.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder; do nothing on systems that can't tell."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Folders that a virtual machine shares with its host, for example, can't be synced.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _write_whole(file: FileIO, content: bytes) -> None:
    """Write everything; an unbuffered file may accept only a part at a time."""
    while content:
        content = content[file.write(content) :]
