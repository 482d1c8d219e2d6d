"""Drafts, seals, verifications and audits as text and JSON."""

import json
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.specs.audits import Audit, AuditedImage, Finding
from grader.specs.drafting import Draft
from grader.specs.verifying import Verification
from hidden_test_spec.errors import plain, quote, quote_all
from hidden_test_spec.images import display_name
from hidden_test_spec.sealing import Change, Seal

_SCHEMA_VERSION = 1
_KINDS = {
    "same_file": "the same file",
    "same_pixels": "the same pixels",
    "near": "nearly the same",
    "mirrored": "mirrored",
}

_MAX_LISTED = 50


def draft_text(draft: Draft) -> RenderableType:
    """What a draft is based on, as rich text."""
    parts = [Text(f"A spec of {draft.n_classes} classes, from {draft.n_images} images.")]
    if draft.other_files:
        n_others = len(draft.other_files)
        they_are = "1 file is not an image" if n_others == 1 else f"{n_others} files are not images"
        names = quote_all(draft.other_files)
        parts.append(Text(f"Left out, since {they_are} in a class folder: {names}"))
    if draft.unreadable:
        broken = f"Unreadable ({len(draft.unreadable)}): {quote_all(draft.unreadable)}"
        parts.append(Text(broken, style="yellow"))
    parts.append(Text("The rubric is a guess: read the comments, and adjust it before you use it."))
    return Group(*parts)


def seal_text(seal: Seal) -> RenderableType:
    """A seal as rich text: the counts, the commitment, and what is left out."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for label, n_images in seal.counts.items():
        table.add_row(Text(plain(label)), str(n_images))
    title = f"{_counted(seal.n_images, 'image')} in {len(seal.counts)} classes are promised:"
    return Group(
        Text(title, style="bold"),
        table,
        Text(f"commitment {seal.commitment}"),
        Text("Publish the seal, and keep the key secret until the deadline: it names every image."),
    )


def verification_json(verification: Verification) -> str:
    """A verification as one JSON document, indented, ending in a newline."""
    document = {
        "source": display_name(str(verification.source)),
        "kept": verification.is_kept,
        "commitment": verification.seal.commitment,
        "created": verification.seal.created.isoformat(),
        "n_promised": verification.seal.n_images,
        "n_found": verification.n_found,
        "changes": [
            {
                "kind": change.kind,
                "name": change.name,
                "promised": None if change.promised is None else change.promised.model_dump(),
                "found": None if change.found is None else change.found.model_dump(),
            }
            for change in verification.changes
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def verification_text(verification: Verification) -> RenderableType:
    """A verification as rich text: the answer first, then each image that differs."""
    seal = verification.seal
    promise = f"the set promised on {seal.created.isoformat()} ({_counted(seal.n_images, 'image')})"
    if verification.is_kept:
        return Text(f"KEPT: this is {promise}.", style="bold green")
    n_changes = len(verification.changes)
    title = f"NOT KEPT: this is not {promise}; {n_changes} differ{'s' if n_changes == 1 else ''}:"
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(overflow="fold")
    for change in verification.changes[:_MAX_LISTED]:
        table.add_row(change.kind, Text(_said(change)))
    n_more = n_changes - _MAX_LISTED
    rest = [Text(f"and {n_more} more; --format json lists all")] if n_more > 0 else []
    return Group(Text(title, style="bold red"), table, *rest)


def _said(change: Change) -> str:
    name = quote(change.name)
    if change.kind == "moved" and change.promised is not None and change.found is not None:
        return (
            f"{name} of {quote(change.promised.label)} is {quote(change.found.name)} of "
            f"{quote(change.found.label)} now"
        )
    if change.kind == "renamed" and change.found is not None:
        return f"{name} is {quote(change.found.name)} now"
    return name


def audit_json(audit: Audit) -> str:
    """The audit as one JSON document, indented, ending in a newline."""
    document = {
        "schema_version": _SCHEMA_VERSION,
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
    """The audit as rich text: first what the grade rests on, then the pairs by section."""
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
        place = f"Compared with {quote(display_name(str(source.path)))}: "
        known = "" if source.has_pictures else ", known only by their hashes"
        lines.append(f"{place}{_counted(source.n_images, 'image')}{known}.")
        if source.unreadable:
            lines.append(
                f"Of these, {len(source.unreadable)} can't be decoded, so only their bytes were "
                f"compared: {quote_all(source.unreadable)}."
            )
    return tuple(lines)


def sections(audit: Audit) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    """The findings under titles, the most serious first; no section is empty."""
    across = tuple(one for one in audit.copies if one.across_classes)
    inside = tuple(one for one in audit.copies if not one.across_classes)
    titled = [("Copies with different labels", across), ("Copies inside a class", inside)]
    for source in audit.sources:
        leaks = tuple(one for one in audit.leaks if one.source == source.path)
        titled.append((f"Occur in {quote(display_name(str(source.path)))}", leaks))
    return tuple((title, findings) for title, findings in titled if findings)


def kind_words(finding: Finding) -> str:
    """What two images have in common, how far they are apart, and what was not confirmed."""
    words = _KINDS[finding.kind]
    if finding.kind in {"near", "mirrored"}:
        words += f", {finding.distance} of 64 bits differ"
    return words if finding.is_confirmed else f"{words}, by one hash only"


def image_words(image: AuditedImage) -> str:
    """An image's name, or else the part of the training data that it is from."""
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
    return plain(" ".join(problem.split()))
