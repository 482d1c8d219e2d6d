"""The manifest of a scraped folder, in both of its forms."""

import csv
import io
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.manifest import JSON_LINES_NAME, ManifestRow, csv_text
from pipeline.row_files import RowFile
from tests.pipeline.scraping.factories import make_record


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    """This includes titles with line separators, which only some programs take for line ends."""
    records = (make_record(), make_record(title="a\u2028b", licence=None, rank=2))
    for record in records:
        RowFile(tmp_path / JSON_LINES_NAME, ManifestRow).append(record)
    assert RowFile(tmp_path / JSON_LINES_NAME, ManifestRow).read() == records


@pytest.mark.parametrize("path", ["../x.jpg", "/etc/x", "a/../x", "x.jpg", "a/b/c.jpg", r"a\b/c"])
def test_a_row_names_nothing_outside_of_its_class_folder(path: str) -> None:
    """Code that moves files by a manifest can rely on that."""
    with pytest.raises(ValidationError, match="must be CLASS_FOLDER/FILE"):
        make_record(path=path)


def test_csv_has_every_value_and_empty_cells_for_none() -> None:
    """One header, one line per row, in the order of the record's fields."""
    record = make_record(licence=None, title='a "quoted", title')
    rows = list(csv.DictReader(io.StringIO(csv_text([record], header=True))))
    assert list(rows[0]) == list(ManifestRow.model_fields)
    assert (len(rows), rows[0]["licence"], rows[0]["title"]) == (1, "", 'a "quoted", title')
    assert rows[0]["downloaded_at"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_csv_cells_are_no_formulas(title: str) -> None:
    """A title from the web can't make a spreadsheet calculate."""
    text = csv_text([make_record(title=title)], header=False)
    assert f",'{title}," in text
