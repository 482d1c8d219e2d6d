"""The audit that a review keeps in its quarantine, so that the next one begins at once.

A kept audit is valid as long as the files of the photos have the same sizes and times, even if
decisions have moved them. An audit for which libraries were missing is not kept.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from hidden_test_spec.durable import write_atomically
from pipeline.cleaning.audit.as_json import audit_json
from pipeline.cleaning.audit.auditing import AuditSettings, audit_images
from pipeline.cleaning.audit.findings import Audit, Finding, PhotoFacts
from pipeline.cleaning.quarantine.entries import Side
from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.review.album import Listed
from pipeline.cleaning.review.listing import by_origin
from pipeline.errors import FileAccessError
from pipeline.progress import Report

_FINDINGS: TypeAdapter[tuple[Finding, ...]] = TypeAdapter(tuple[Finding, ...])
_PHOTOS: TypeAdapter[tuple[PhotoFacts, ...]] = TypeAdapter(tuple[PhotoFacts, ...])
_TIMES: TypeAdapter[dict[str, int]] = TypeAdapter(dict[str, int])
_SKIPPED: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def audit_for_review(
    trees: Trees,
    listed: Sequence[Listed],
    settings: AuditSettings,
    report: Report,
) -> Audit:
    """The kept audit if it is about these photos; otherwise a new one, which is kept if complete.

    Images are named as they were before anything was decided about them.

    Raises:
        BadInputError: If the folder holds no images in class folders.
        FileAccessError: If a file can't be read or written.
    """
    kept = _read(_path(trees, settings), trees.images)
    if kept is not None and _is_about(*kept, listed):
        report("The photos haven't changed since the last audit; its findings are shown again.")
        return kept[0]
    audit = by_origin(audit_images(trees.images, settings, report), listed)
    if audit.is_complete:
        keep_audit(trees, settings, audit, listed)
    return audit


def keep_audit(
    trees: Trees, settings: AuditSettings, audit: Audit, listed: Sequence[Listed]
) -> None:
    """Write an audit, whole or not at all, for the next review with the same settings.

    Args:
        trees: The audit is kept in the quarantine, which must exist.
        settings: The settings of the audit.
        audit: Its images are named as they were before anything was decided about them.
        listed: The photos as they were before the audit.

    Raises:
        FileAccessError: If it can't be written.
    """
    times = {one.origin: one.modified_ns for one in listed}
    document = {**json.loads(audit_json(audit)), "modified_ns": times}
    path = _path(trees, settings)
    try:
        write_atomically(path, json.dumps(document))
    except OSError as error:
        raise FileAccessError.of(error, path=path) from error


def _path(trees: Trees, settings: AuditSettings) -> Path:
    return trees.quarantine / f"audit-{settings.min_side_px}-{settings.seed}.json"


def _is_about(audit: Audit, times: Mapping[str, int], listed: Sequence[Listed]) -> bool:
    """Whether an audit covers every photo among the images as it is now, and none that is gone."""
    known = {(photo.image, photo.size_bytes, times.get(photo.image)) for photo in audit.photos}
    there = {_known_as(one) for one in listed}
    among_images = {_known_as(one) for one in listed if one.place.side is Side.IMAGES}
    return among_images <= known <= there


def _known_as(one: Listed) -> tuple[str, int, int | None]:
    return one.origin, one.size_bytes, one.modified_ns


def _read(path: Path, root: Path) -> tuple[Audit, dict[str, int]] | None:
    """A kept audit, with the time of each photo; None if there is none of this version."""
    try:
        document = json.loads(path.read_text("utf-8"))
        times = _TIMES.validate_python(document["modified_ns"])
        audit = Audit(
            root=root,
            photos=_PHOTOS.validate_python(document["photos"]),
            findings=_FINDINGS.validate_python(document["findings"]),
            skipped=_SKIPPED.validate_python(document["skipped"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return audit, times
