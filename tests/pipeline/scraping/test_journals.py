"""Files that only grow."""

import errno
import os
import stat
from pathlib import Path

import pytest

from pipeline.errors import ManifestError
from pipeline.scraping.journals import Journal, append_durably, write_atomically
from pipeline.scraping.rows import Rules

FIRST, SECOND = (Rules(min_side_px=side, only_free=False) for side in (1, 2))


def test_rows_come_back_in_order(tmp_path: Path) -> None:
    """Whoever opens the file next sees them."""
    path = tmp_path / "rows.jsonl"
    for row in (FIRST, SECOND):
        Journal(path, Rules).append(row)
    assert Journal(path, Rules).read() == (FIRST, SECOND)


def test_a_missing_file_has_no_rows(tmp_path: Path) -> None:
    """It appears with its first row."""
    assert Journal(tmp_path / "rows.jsonl", Rules).read() == ()


@pytest.mark.parametrize("n_bytes", [1, 5, 34])
def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path, n_bytes: int) -> None:
    """And the next row begins on a line of its own."""
    path = tmp_path / "rows.jsonl"
    journal = Journal(path, Rules)
    for row in (FIRST, SECOND):
        journal.append(row)
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - n_bytes)
    assert journal.read() == (FIRST,)
    journal.append(SECOND)
    assert journal.read() == (FIRST, SECOND)


def test_a_whole_line_that_is_no_row_is_an_error(tmp_path: Path) -> None:
    """Somebody edited the file: nothing is dropped silently."""
    path = tmp_path / "rows.jsonl"
    append_durably(path, f"{FIRST.model_dump_json()}\n{{}}\n")
    with pytest.raises(ManifestError, match="line 2: Field required"):
        Journal(path, Rules).read()


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
