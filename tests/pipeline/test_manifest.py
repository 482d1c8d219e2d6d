"""The manifest of a scraped folder, in both of its forms."""

import csv
import io
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.errors import ManifestError
from pipeline.manifest import ImageRecord, csv_text, read_manifest
from tests.pipeline.scraping.factories import make_record


def write_lines(root: Path, *lines: str) -> Path:
    """Write a manifest of these lines."""
    (root / "manifest.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return root


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Also titles with line separators, which only some programs take for the end of a line."""
    records = (make_record(), make_record(title="a\u2028b", licence=None, rank=2))
    write_lines(tmp_path, *(record.model_dump_json() for record in records))
    manifest = read_manifest(tmp_path)
    assert (manifest.root, manifest.records) == (tmp_path, records)


def test_an_empty_manifest_has_no_rows(tmp_path: Path) -> None:
    """A scrape that took nothing yet."""
    assert read_manifest(write_lines(tmp_path)).records == ()


def test_every_faulty_line_is_named(tmp_path: Path) -> None:
    """At once, with what is wrong with it."""
    good = make_record().model_dump_json()
    bad = good.replace('"rank":1', '"rank":0')
    with pytest.raises(ManifestError, match=r"line 2: rank: .*greater(.|\n)*line 3: Invalid JSON"):
        read_manifest(write_lines(tmp_path, good, bad, good[:40]))


def test_a_folder_without_a_manifest_is_reported(tmp_path: Path) -> None:
    """With what makes one."""
    with pytest.raises(ManifestError, match="give a folder that pipeline scrape made"):
        read_manifest(tmp_path)


def test_a_manifest_that_is_no_text_is_reported(tmp_path: Path) -> None:
    """Not with a traceback."""
    (tmp_path / "manifest.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestError, match="it can't be read"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("path", ["../x.jpg", "/etc/x", "a/../x", "x.jpg", "a/b/c.jpg", r"a\b/c"])
def test_a_row_names_nothing_outside_of_its_class_folder(path: str) -> None:
    """Whoever moves files by a manifest can rely on that."""
    with pytest.raises(ValidationError, match="must be CLASS_FOLDER/FILE"):
        make_record(path=path)


def test_csv_has_every_value_and_empty_cells_for_none() -> None:
    """One header, one line a row, in the order of the record's fields."""
    record = make_record(licence=None, title='a "quoted", title')
    rows = list(csv.DictReader(io.StringIO(csv_text([record], header=True))))
    assert list(rows[0]) == list(ImageRecord.model_fields)
    assert (len(rows), rows[0]["licence"], rows[0]["title"]) == (1, "", 'a "quoted", title')
    assert rows[0]["downloaded_at"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_csv_cells_are_no_formulas(title: str) -> None:
    """A title from the web can't make a spreadsheet calculate."""
    text = csv_text([make_record(title=title)], header=False)
    assert f",'{title}," in text
