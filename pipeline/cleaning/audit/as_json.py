"""An audit as JSON and as CSV, for programs and for tables."""

import csv
import io
import json
from dataclasses import asdict

from hidden_test_spec.images import display_name
from pipeline.cleaning.audit.findings import Audit

_SCHEMA_VERSION = 1
_COLUMNS = ("kind", "score", "image", "label", "other_image", "other_label", "reason")
# A spreadsheet takes a cell that begins like this for a formula, and names come from the web.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def audit_json(audit: Audit) -> str:
    """The audit as one JSON document ending in a newline.

    Bytes of a file name that aren't UTF-8 stay as lone surrogates, escaped, so that the file can
    be opened; all other text is left as it is.
    """
    document = {
        "schema_version": _SCHEMA_VERSION,
        "n_images": len(audit.photos),
        "findings": [asdict(finding) for finding in audit.findings],
        "skipped": audit.skipped,
        "photos": [asdict(photo) for photo in audit.photos],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    escaped = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return f"{escaped}\n"


def audit_csv(audit: Audit) -> str:
    """The findings as a table with one line each; an apostrophe disarms what would be a formula."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for finding in audit.findings:
        first, *others = zip(finding.images, finding.labels, strict=True)
        image, label = first
        other_image, other_label = others[0] if others else ("", "")
        row = (finding.kind, f"{finding.score:.4f}", image, label, other_image, other_label)
        rows.writerow(_cell(value) for value in (*row, finding.reason))
    return text.getvalue()


def _cell(value: str) -> str:
    shown = display_name(value)
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) else shown
