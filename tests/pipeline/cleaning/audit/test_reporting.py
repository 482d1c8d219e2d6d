"""Audits as documents: names from the web do no harm in them."""

import csv
import io
import json
import os
from pathlib import Path

from PIL import Image

from pipeline.cleaning.audit.as_html import audit_html
from pipeline.cleaning.audit.as_json import audit_csv, audit_json
from pipeline.cleaning.audit.findings import Audit, Finding


def audit_of(root: Path, *findings: Finding) -> Audit:
    """An audit with findings and no facts."""
    return Audit(root=root, photos=(), findings=findings, skipped=("<b>left out</b>",))


def dark(image: str) -> Finding:
    """A finding about one image."""
    label = image.partition("/")[0]
    return Finding(kind="dark", images=(image,), labels=(label,), score=0.5, reason="it is dark")


def test_hostile_names_are_shown_as_text(tmp_path: Path) -> None:
    """In the page no tag of theirs is a tag, and no other place is asked for anything."""
    page = audit_html(audit_of(tmp_path, dark('red/"><script>alert(1)</script>.png')))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<b>left out" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_photo_stands_in_the_page_and_a_missing_one_is_said_to_be(tmp_path: Path) -> None:
    """The page needs no other file."""
    (tmp_path / "red").mkdir()
    Image.new("RGB", (900, 500), "red").save(tmp_path / "red" / "1.png")
    page = audit_html(audit_of(tmp_path, dark("red/1.png"), dark("red/gone.png")))
    assert page.count('<img src="data:image/jpeg;base64,') == 1
    assert page.count("no picture") == 1


def test_a_long_list_is_cut_with_a_count(tmp_path: Path) -> None:
    """The page stays one that a browser can show."""
    page = audit_html(audit_of(tmp_path, *(dark(f"red/{n}.png") for n in range(501))))
    assert "The first 500 are shown" in page
    assert page.count("<figure>") == 500


def test_a_name_that_would_be_a_formula_is_a_text_in_the_table() -> None:
    """A spreadsheet runs none of it."""
    pair = Finding(
        kind="near_duplicate",
        images=("=1+1/a.png", "red/b.png"),
        labels=("=1+1", "red"),
        score=0.96875,
        reason="alike",
    )
    rows = list(csv.DictReader(io.StringIO(audit_csv(audit_of(Path("images"), pair)))))
    assert rows == [
        {
            "kind": "near_duplicate",
            "score": "0.9688",
            "image": "'=1+1/a.png",
            "label": "'=1+1",
            "other_image": "red/b.png",
            "other_label": "red",
            "reason": "alike",
        }
    ]


def test_names_that_are_no_utf_8_can_be_opened_by_what_the_json_says() -> None:
    """And the table and the page can still be written."""
    name = os.fsdecode(b"red/caf\xe9.png")
    audit = audit_of(Path("images"), dark(name))
    text = audit_json(audit)
    assert json.loads(text.encode())["findings"][0]["images"] == [name]
    assert "caf\ufffd" in audit_csv(audit)
    assert "caf\ufffd" in audit_html(audit)
