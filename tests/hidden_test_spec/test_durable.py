"""Files that are written whole or not at all."""

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import pytest

from hidden_test_spec.durable import (
    append_durably,
    cut_torn_line,
    read_whole_lines,
    replaced_atomically,
    write_atomically,
)


def test_a_file_appears_whole(tmp_path: Path) -> None:
    """An older one is replaced; nothing is left beside it."""
    path = tmp_path / "file"
    write_atomically(path, b"old")
    write_atomically(path, "ä\r\n")
    assert path.read_bytes() == b"\xc3\xa4\r\n"
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_the_older_file(tmp_path: Path) -> None:
    """And nothing beside it."""
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with suppress(KeyboardInterrupt), replaced_atomically(path) as partial:
        partial.write_bytes(b"ne")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file(tmp_path: Path) -> None:
    """Nobody knows the name under which it is written."""
    path = tmp_path / "gone" / "file"
    with pytest.raises(FileNotFoundError, match="No such file") as caught:
        write_atomically(path, b"new")
    assert caught.value.filename == str(path)


def test_threads_may_write_one_file_of_a_cache_at_once(tmp_path: Path) -> None:
    """Each of them the whole file, and nothing is left beside it."""
    path = tmp_path / "file"
    start = Barrier(8)

    def write(letter: str) -> None:
        start.wait()
        for _ in range(20):
            write_atomically(path, letter * 1000, is_cached=True)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, "abcdefgh"))
    found = path.read_text("utf-8")
    assert (len(found), len(set(found))) == (1000, 1)
    assert list(tmp_path.iterdir()) == [path]


def test_a_line_without_an_end_is_cut_off(tmp_path: Path) -> None:
    """Whole lines stay; a file without a torn line, and one that is missing, stay as they are."""
    path = tmp_path / "rows"
    cut_torn_line(path)
    assert read_whole_lines(path) == b""
    path.write_bytes(b"1\n2\n3")
    assert read_whole_lines(path) == b"1\n2\n"
    for _ in range(2):
        cut_torn_line(path)
        assert path.read_bytes() == b"1\n2\n"


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
    write_atomically(tmp_path / "file", b"a")
    assert synced == [False, True, False, False, True]


def test_a_row_that_the_disk_does_not_take_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next row would follow half a row."""
    path = tmp_path / "rows"
    append_durably(path, "1\n")

    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="no space"):
        append_durably(path, "2\n")
    assert path.read_bytes() == b"1\n"
