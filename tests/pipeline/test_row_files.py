"""Files that only grow."""

from pathlib import Path

import pytest

from hidden_test_spec.durable import append_durably
from pipeline.errors import BadInputError
from pipeline.row_files import RowFile
from pipeline.scraping.rows import PhotoRules

FIRST, SECOND = (PhotoRules(min_side_px=side, only_free=False) for side in (1, 2))


def test_rows_come_back_in_order(tmp_path: Path) -> None:
    """The next reader of the file sees them."""
    path = tmp_path / "rows.jsonl"
    for row in (FIRST, SECOND):
        RowFile(path, PhotoRules).append(row)
    assert RowFile(path, PhotoRules).read() == (FIRST, SECOND)


def test_a_missing_file_has_no_rows(tmp_path: Path) -> None:
    """It appears with its first row."""
    assert RowFile(tmp_path / "rows.jsonl", PhotoRules).read() == ()


@pytest.mark.parametrize("n_bytes", [1, 5, 34])
def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path, n_bytes: int) -> None:
    """And the next row begins on a new line."""
    path = tmp_path / "rows.jsonl"
    rows = RowFile(path, PhotoRules)
    for row in (FIRST, SECOND):
        rows.append(row)
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - n_bytes)
    assert rows.read() == (FIRST,)
    rows.append(SECOND)
    assert rows.read() == (FIRST, SECOND)


def test_a_whole_line_that_is_no_row_is_an_error(tmp_path: Path) -> None:
    """Somebody edited the file: nothing is dropped silently."""
    path = tmp_path / "rows.jsonl"
    append_durably(path, f"{FIRST.model_dump_json()}\n{{}}\n")
    with pytest.raises(BadInputError, match="line 2: Field required"):
        RowFile(path, PhotoRules).read()


def test_every_fault_is_in_one_message(tmp_path: Path) -> None:
    """With the file's name, and how its end is repaired."""
    path = tmp_path / "rows.jsonl"
    append_durably(path, '{}\n{"min_side_px": 1}\n')
    with pytest.raises(BadInputError, match=r"used:\n  - line 1: .*\n  - line 2: ") as caught:
        RowFile(path, PhotoRules).read()
    assert caught.value.where == str(path)
    assert "run it again with --resume" in caught.value.advice
