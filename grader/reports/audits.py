"""Renders an `Audit` as text and as JSON: what a grade rests on, then each pair of copies."""

import json
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.specs.audits import Audit, AuditedImage, Finding
from hidden_test_spec.errors import quote, quote_all
from hidden_test_spec.images import display_name

SCHEMA_VERSION = 1
KINDS = {
    "same_file": "the same file",
    "same_pixels": "the same pixels",
    "near": "nearly the same",
    "mirrored": "mirrored",
}
_MAX_LISTED = 50


def audit_json(audit: Audit) -> str:
    """The audit as one JSON document, indented, ending in a newline."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "path": display_name(str(audit.root)),
        "n_images": audit.n_images,
        "n_unreadable": len(audit.unreadable),
        "n_photos": audit.n_photos,
        "n_leaked": audit.n_leaked,
        "leaked_share": audit.leaked_share,
        "max_distance": audit.max_distance,
        "unreadable": [{"name": one.name, "problem": one.problem} for one in audit.unreadable],
        "against": [
            {
                "path": display_name(str(source.path)),
                "n_images": source.n_images,
                "has_pictures": source.has_pictures,
                "unreadable": list(source.unreadable),
            }
            for source in audit.sources
        ],
        "findings": [_finding_object(finding) for finding in audit.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def audit_text(audit: Audit) -> RenderableType:
    """The audit as rich text: what the grade rests on first, then the pairs by section."""
    parts: list[RenderableType] = [Text(line, style="bold") for line in summary_lines(audit)]
    if audit.unreadable:
        broken = Table.grid(padding=(0, 2, 0, 0))
        for one in audit.unreadable[:_MAX_LISTED]:
            broken.add_row(Text(quote(one.name)), Text(_one_line(one.problem)))
        parts += [Text(), Text(f"Can't be decoded ({len(audit.unreadable)}):"), broken]
        parts += _rest(len(audit.unreadable))
    for title, findings in sections(audit):
        parts += [Text(), Text(f"{title} ({len(findings)}):"), _table(findings)]
        parts += _rest(len(findings))
    return Group(*parts)


def summary_lines(audit: Audit) -> tuple[str, ...]:
    """What an instructor must know, as sentences."""
    n_readable = audit.n_images - len(audit.unreadable)
    n_copies = n_readable - audit.n_photos
    lines = [
        f"A grade on this set rests on {_counted(audit.n_photos, 'photo')}.",
        f"Images that can be read: {n_readable}; copies of others among them: {n_copies}.",
    ]
    n_across = sum(finding.across_classes is True for finding in audit.copies)
    if n_across:
        have = "has" if n_across == 1 else "have"
        lines.append(f"{_counted(n_across, 'pair')} of copies {have} different labels.")
    if audit.n_leaked is not None and audit.leaked_share is not None:
        lines.append(
            f"{audit.n_leaked} of {_counted(audit.n_images, 'image')} ({audit.leaked_share:.1%}) "
            f"{'occurs' if audit.n_leaked == 1 else 'occur'} in training data."
        )
    for source in audit.sources:
        place = f"Held against {quote(display_name(str(source.path)))}: "
        known = "" if source.has_pictures else ", known by their hashes alone"
        lines.append(f"{place}{_counted(source.n_images, 'image')}{known}.")
        if source.unreadable:
            lines.append(
                f"Of these, {len(source.unreadable)} can't be decoded, so that only the bytes were "
                f"compared: {quote_all(source.unreadable)}."
            )
    return tuple(lines)


def sections(audit: Audit) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    """The findings under titles, what weighs most first; no section is empty."""
    across = tuple(one for one in audit.copies if one.across_classes)
    inside = tuple(one for one in audit.copies if not one.across_classes)
    titled = [("Copies with different labels", across), ("Copies inside a class", inside)]
    for source in audit.sources:
        leaks = tuple(one for one in audit.leaks if one.source == source.path)
        titled.append((f"Occur in {quote(display_name(str(source.path)))}", leaks))
    return tuple((title, findings) for title, findings in titled if findings)


def kind_words(finding: Finding) -> str:
    """What two images have in common, how far they are apart, and what was not confirmed."""
    words = KINDS[finding.kind]
    if finding.kind in {"near", "mirrored"}:
        words += f", {finding.distance} of 64 bits differ"
    return words if finding.is_confirmed else f"{words}, one hash alone"


def image_words(image: AuditedImage) -> str:
    """An image by its name, or by the part of the training data that it is from."""
    return quote(image.name) if image.name is not None else f"an image of {image.part}"


def _table(findings: Sequence[Finding]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(4):
        table.add_column(overflow="fold")
    for finding in findings[:_MAX_LISTED]:
        across = "other label" if finding.across_classes and finding.source else ""
        pair = (Text(image_words(one)) for one in (finding.image, finding.other))
        table.add_row(*pair, kind_words(finding), across)
    return table


def _rest(n_all: int) -> Iterator[Text]:
    if n_all > _MAX_LISTED:
        yield Text(f"and {n_all - _MAX_LISTED} more; --format json and --out list them")


def _finding_object(finding: Finding) -> dict[str, object]:
    pair = (finding.image, finding.other)
    source = finding.source
    return {
        "kind": finding.kind,
        "images": [image.name for image in pair],
        "labels": [image.label for image in pair],
        "distance": finding.distance,
        "confirmed": finding.is_confirmed,
        "across_classes": finding.across_classes,
        "against": None if source is None else display_name(str(source)),
        "part": finding.other.part,
    }


def _counted(n_things: int, thing: str) -> str:
    return f"{n_things} {thing}{'' if n_things == 1 else 's'}"


def _one_line(problem: str) -> str:
    return quote(" ".join(problem.split()))[1:-1]
