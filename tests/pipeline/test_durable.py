"""Files that are written whole or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from pipeline.durable import append_durably, write_atomically


def test_a_file_appears_whole(tmp_path: Path) -> None:
    """An older one is replaced; nothing is left beside it."""
    path = tmp_path / "file"
    write_atomically(path, (b"old",))
    write_atomically(path, (b"a", b"b"))
    assert path.read_bytes() == b"ab"
    assert list(tmp_path.iterdir()) == [path]


def test_names_are_on_the_disk_before_anything_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of a file that appears, once; some folders can't be waited for."""
    synced: list[bool] = []

    def fsync(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        if synced[-1]:
            raise OSError(errno.EINVAL, "no folders")

    monkeypatch.setattr(os, "fsync", fsync)
    append_durably(tmp_path / "rows", "1")
    append_durably(tmp_path / "rows", "2")
    write_atomically(tmp_path / "file", (b"a",))
    assert synced == [False, True, False, False, True]


def test_a_row_that_the_disk_does_not_take_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next row would stand behind its half."""
    path = tmp_path / "rows"
    append_durably(path, "1\n")

    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="no space"):
        append_durably(path, "2\n")
    assert path.read_bytes() == b"1\n"
