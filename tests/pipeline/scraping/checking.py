"""What must hold of every scraped folder, whatever happened to the process that made it."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

from pipeline.manifest import JSON_LINES_NAME, ManifestRow
from pipeline.row_files import RowFile


def check_whole(root: Path) -> Counter[str]:
    """Check that photos and rows match one to one; returns how many photos each class has."""
    records = manifest_rows(root)
    assert sorted(record.path for record in records) == sorted(photo_paths(root))
    for record in records:
        body = (root / record.path).read_bytes()
        assert hashlib.sha256(body).hexdigest() == record.sha256
    assert csv_paths(root) == [record.path for record in records]
    assert list((root / ".scrape" / "fetched").iterdir()) == []
    return Counter(record.label for record in records)


def check_no_photo_without_row(root: Path) -> None:
    """Check what holds even after the process was killed: every photo has both of its rows."""
    rows = (root / "manifest.jsonl").read_text("utf-8")
    for path in photo_paths(root):
        assert f'"path":"{path}"' in rows
        assert path in csv_paths(root)


def manifest_rows(root: Path) -> tuple[ManifestRow, ...]:
    """The rows of the manifest, in the order in which the photos came."""
    return RowFile(root / JSON_LINES_NAME, ManifestRow).read()


def photo_paths(root: Path) -> list[str]:
    """The files in class folders, relative to the scraped folder."""
    return [path.relative_to(root).as_posix() for path in root.glob("[!.]*/*")]


def csv_paths(root: Path) -> list[str]:
    """The photos that the CSV manifest names."""
    lines = (root / "manifest.csv").read_text("utf-8").splitlines()
    return [row["path"] for row in csv.DictReader(lines)]
