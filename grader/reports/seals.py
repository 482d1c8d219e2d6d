"""Renders a `Seal` as it is made, and a `Verification`: kept, or what differs."""

import json

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.specs.verifying import Verification
from hidden_test_spec.errors import quote
from hidden_test_spec.images import display_name
from hidden_test_spec.sealing import Change, Seal

_MAX_LISTED = 50


def seal_text(seal: Seal) -> RenderableType:
    """A seal as rich text: the counts, the commitment, and what is left out."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for label, n_images in seal.counts.items():
        table.add_row(_plain(label), str(n_images))
    title = f"{_images(seal.n_images)} in {len(seal.counts)} classes are promised:"
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
    promise = f"the set promised on {seal.created.isoformat()} ({_images(seal.n_images)})"
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


def _images(n_images: int) -> str:
    return f"{n_images} image{'' if n_images == 1 else 's'}"


def _plain(name: str) -> Text:
    return Text(quote(name)[1:-1])
