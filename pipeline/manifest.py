"""The record of a scraped folder: one row per photo, with where it came from and what it is.

`manifest.jsonl` is what programs read; `manifest.csv` holds the same rows for people. Undefined is
null in the first and an empty cell in the second.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

JSON_LINES_NAME = "manifest.jsonl"
CSV_NAME = "manifest.csv"
# A spreadsheet reads a cell that begins like this as a formula, and titles come from the web.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _check_path(text: str) -> str:
    """A row names one file in one class folder, and nothing outside the scraped folder."""
    parts = PurePosixPath(text).parts
    if len(parts) != 2 or ".." in parts or parts[0] == "/" or "\\" in text:  # noqa: PLR2004
        raise ValueError("must be CLASS_FOLDER/FILE")
    return text


class ManifestRow(BaseModel):
    """Where one photo came from, and what it is.

    The licence, its page and the creator are what the source states; nobody has checked them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[str, AfterValidator(_check_path)]
    label: str
    engine: str
    query: str
    rank: int = Field(ge=1, description="Place among the results of the query, from 1.")
    image_url: str
    page_url: str | None
    title: str | None
    licence: str | None
    licence_url: str | None
    creator: str | None
    width_px: int = Field(ge=1)
    height_px: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    phash: str = Field(pattern=r"^[0-9a-f]{16}$", description="imagehash's 64-bit phash.")
    downloaded_at: AwareDatetime


def csv_text(records: Iterable[ManifestRow], *, header: bool) -> str:
    """Rows as CSV; a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    text = io.StringIO()
    rows = csv.DictWriter(text, list(ManifestRow.model_fields), lineterminator="\n")
    if header:
        rows.writeheader()
    for record in records:
        values = record.model_dump(mode="json")
        rows.writerow({name: _cell(value) for name, value in values.items()})
    return text.getvalue()


def _cell(value: str | int | None) -> str:
    shown = "" if value is None else str(value)
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) else shown
