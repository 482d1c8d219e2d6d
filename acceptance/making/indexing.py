"""Writes the index of a corpus from the records beside its exports."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COLUMNS = (
    "path",
    "kind",
    "fastai",
    "torch",
    "python",
    "pillow",
    "images",
    "expected",
    "why",
    "comparable",
    "tolerance",
    "reference",
)
TOLERANCE = "1e-4"


def write_index(corpus: Path) -> int:
    """Write CORPUS/index.tsv with a row for each record, sorted by path; how many there are."""
    rows = list(_rows(corpus))
    with (corpus / "index.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def _rows(corpus: Path) -> Iterator[dict[str, str]]:
    for path in sorted((corpus / "exports").glob("*/*.json")):
        record: dict[str, Any] = json.loads(path.read_text("utf-8"))
        versions, facts = record["versions"], record["index"]
        yield {
            "path": path.with_suffix(".pkl").relative_to(corpus).as_posix(),
            "kind": record["kind"],
            **{name: versions[name] for name in ("fastai", "torch", "python", "pillow")},
            **{name: facts[name] for name in ("images", "expected", "why")},
            "comparable": "all",
            "tolerance": TOLERANCE,
            "reference": record.get("reference", "probabilities"),
        }
