"""Writing an audit into a folder, and summarizing it in a few lines."""

from collections import Counter
from pathlib import Path

from hidden_test_spec.images import display_name
from pipeline.cleaning.audit.as_html import audit_html
from pipeline.cleaning.audit.as_json import audit_csv, audit_json
from pipeline.cleaning.audit.findings import KINDS, Audit
from pipeline.folders import new_folder


def write_audit(audit: Audit, out: Path) -> None:
    """Write `out`/audit.json, audit.csv and audit.html.

    Raises:
        BadInputError: If `out` is taken.
        FileAccessError: If something can't be written.
    """
    with new_folder(out) as partial:
        (partial / "audit.json").write_text(audit_json(audit), "utf-8")
        (partial / "audit.csv").write_text(audit_csv(audit), "utf-8")
        (partial / "audit.html").write_text(audit_html(audit), "utf-8")


def audit_lines(audit: Audit) -> tuple[str, ...]:
    """How many findings of each kind there are, and what was left out."""
    counts = Counter(finding.kind for finding in audit.findings)
    found = [f"{kind}: {counts[kind]}" for kind in KINDS if counts[kind]]
    n_images = f"{len(audit.photos)} images, {len(audit.findings)} findings"
    return (n_images, *found, *(display_name(sentence) for sentence in audit.skipped))
