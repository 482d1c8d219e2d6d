"""The file itself: its size against the spec's limit, what reading it finds, and its record."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from grader.checking.results import CheckItem, Status
from grader.grading.model_size import BYTES_PER_MB, TRAIN_SMALLER, size_fault
from grader.loading.learner.inspection import Finding, Inspection, Severity
from grader.loading.refusal import RefusedExportError
from hidden_test_spec.errors import quote
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import read_sidecar, sidecar_path
from hidden_test_spec.spec import Limits

_STATUS_OF: Mapping[Severity, Status] = {"refusal": "fault", "warning": "warning", "note": "ok"}

_TOGETHER = "hand in the export with the record that was written with it, or only the export"


def check_size(size_bytes: int, limits: Limits) -> CheckItem:
    """The size of the file against the spec's limit."""
    fault = size_fault(size_bytes, limits)
    if fault is not None:
        return CheckItem(name="size", status="fault", said=fault, advice=TRAIN_SMALLER)
    said = f"{size_bytes / BYTES_PER_MB:.1f} MB of at most {limits.max_model_mb} MB"
    return CheckItem(name="size", status="ok", said=said)


def unread(error: RefusedExportError) -> CheckItem:
    """The fault of a file that can't be read as an export at all."""
    said = f"{error.reason} ({error.part})" if error.part else error.reason
    return CheckItem(name="reading", status="fault", said=said, advice=error.advice)


def check_reading(inspection: Inspection) -> tuple[CheckItem, ...]:
    """What reading the export finds: each refusal is a fault; notes are left out."""
    items = tuple(map(_item_of, inspection.findings))
    found = tuple(item for item in items if item.status != "ok")
    if inspection.refusals:
        return found
    network = inspection.architecture or "a network"
    said = f"{inspection.kind} with {network}, {inspection.n_parameters:,} parameters"
    return (CheckItem(name="reading", status="ok", said=said), *found)


def _item_of(finding: Finding) -> CheckItem:
    is_about_names = finding.where == "vocab"
    where = f" ({finding.where})" if finding.where and not is_about_names else ""
    return CheckItem(
        name="classes" if is_about_names else "reading",
        status=_STATUS_OF[finding.severity],
        said=finding.what + where,
        advice=finding.advice,
    )


def check_record(export: Path, *, sha256: str | None) -> tuple[CheckItem, ...]:
    """Whether the sidecar, if there is one, belongs to this export. No grade depends on it.

    Args:
        export: The file.
        sha256: Its hash, where that is known already.
    """
    path = sidecar_path(export)
    if not path.is_file():
        return ()
    try:
        recorded, found = read_sidecar(export).sha256, sha256 or sha256_of(export)
    except (OSError, ValidationError, UnicodeDecodeError):
        said = f"{quote(path.name)} beside it is not a record that pipeline wrote"
    else:
        if recorded == found:
            said = f"{quote(path.name)} is the record of this file"
            return (CheckItem(name="record", status="ok", said=said),)
        said = f"{quote(path.name)} is the record of another file: its sha256 differs"
    return (CheckItem(name="record", status="warning", said=said, advice=_TOGETHER),)
