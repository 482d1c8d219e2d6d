"""Files that somebody else wrote, opened once: regular files only, of a bounded size.

A link may lead anywhere, a pipe may never end, and a device may do something when it is opened.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

# Windows has neither; there, opening a pipe doesn't wait either.
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)


class NoRegularFileError(OSError):
    """The path leads to something else than a regular file, or to one that is too large."""

    def __init__(self, reason: str, path: Path) -> None:
        """Keep the reason, as what other errors of files say, and the path."""
        super().__init__(None, reason, str(path))


@contextmanager
def open_regular(
    path: Path, *, max_bytes: int | None = None, follows_links: bool = False
) -> Iterator[BufferedReader]:
    """A file to read from. Whatever happens to its name later, this is the file.

    Args:
        path: The file.
        max_bytes: The most that it may hold.
        follows_links: Whether the name may be a link, as names in a folder of one's own may be.

    Raises:
        NoRegularFileError: If it is a link, a folder, a pipe, a device or too large.
        OSError: If it can't be opened.
    """
    flags = os.O_RDONLY | _NO_WAITING | getattr(os, "O_BINARY", 0)
    if not follows_links:
        if path.is_symlink():
            raise NoRegularFileError("it is a link to another file", path)
        flags |= _NO_LINKS  # for a link that was put there since
    with _opened(path, flags) as file:
        _check(os.fstat(file.fileno()), path, max_bytes)
        yield file


def _opened(path: Path, flags: int) -> BufferedReader:
    try:
        return open(path, "rb", opener=lambda name, _flags: os.open(name, flags))
    except IsADirectoryError as error:
        raise NoRegularFileError("it is not a regular file", path) from error


def _check(status: os.stat_result, path: Path, max_bytes: int | None) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NoRegularFileError("it is not a regular file", path)
    if max_bytes is not None and status.st_size > max_bytes:
        reason = f"it has {status.st_size} bytes, more than {max_bytes}"
        raise NoRegularFileError(reason, path)


def read_regular(path: Path, *, max_bytes: int, follows_links: bool = False) -> bytes:
    """All bytes of a file, which was opened as by `open_regular`.

    Raises:
        OSError: As there, or if it grows beyond the bound while it is read.
    """
    with open_regular(path, max_bytes=max_bytes, follows_links=follows_links) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise NoRegularFileError(f"it has more than {max_bytes} bytes", path)
    return content
