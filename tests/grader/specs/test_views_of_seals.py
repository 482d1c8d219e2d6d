"""Seals and verifications as text and JSON."""

import datetime as dt
import io
import json
from pathlib import Path

from rich.console import Console, RenderableType

from grader.specs.verifying import Verification
from grader.specs.views import seal_text, verification_json, verification_text
from hidden_test_spec.sealing import Change, SealedImage, SealKey, seal_images, sealed_image

A, B = "a" * 64, "b" * 64
SEAL = seal_images(
    SealKey(
        salt="5a" * 32,
        images=(
            sealed_image("robin/a.png", label="robin", sha256=A),
            sealed_image("wren/b.png", label="wren", sha256=B),
        ),
    ),
    created=dt.date(2026, 3, 1),
    spec=None,
)


def shown(text: RenderableType) -> str:
    """Rich text as a file would get it."""
    written = io.StringIO()
    Console(file=written, width=120).print(text)
    return written.getvalue()


def image(name: str, label: str) -> SealedImage:
    """An image of a verification."""
    return sealed_image(name, label=label, sha256=A)


def verification(*changes: Change) -> Verification:
    """What came of the two promised images."""
    return Verification(source=Path("test"), seal=SEAL, n_found=2, changes=changes)


MOVED = Change(
    name="robin/a.png",
    kind="moved",
    promised=image("robin/a.png", "robin"),
    found=image("wren/a.png", "wren"),
)
RENAMED = Change(
    name="robin/a.png",
    kind="renamed",
    promised=image("robin/a.png", "robin"),
    found=image("robin/c.png", "robin"),
)
ADDED = Change(
    name="wren/n\n.png", kind="added", promised=None, found=image("wren/n\n.png", "wren")
)


def test_a_seal_shows_counts_and_commitment() -> None:
    """And what to do with the two files."""
    text = shown(seal_text(SEAL))

    assert text.startswith("2 images in 2 classes are promised:\nrobin  1\nwren   1\n")
    assert f"commitment {SEAL.commitment}\n" in text
    assert "keep the key secret" in text


def test_a_kept_promise_is_one_line() -> None:
    """With the day and the number of images."""
    assert shown(verification_text(verification())) == (
        "KEPT: this is the set promised on 2026-03-01 (2 images).\n"
    )


def test_a_broken_promise_names_each_image() -> None:
    """Each name is followed by what became of it, with control characters escaped."""
    lines = shown(verification_text(verification(MOVED, RENAMED, ADDED))).splitlines()

    assert [line.rstrip() for line in lines] == [
        "NOT KEPT: this is not the set promised on 2026-03-01 (2 images); 3 differ:",
        'moved    "robin/a.png" of "robin" is "wren/a.png" of "wren" now',
        'renamed  "robin/a.png" is "robin/c.png" now',
        'added    "wren/n\\n.png"',
    ]


def test_a_long_list_is_cut_with_a_count() -> None:
    """JSON has them all."""
    many = verification(*[ADDED] * 60)

    assert "and 10 more; --format json lists all" in shown(verification_text(many))
    assert len(json.loads(verification_json(many))["changes"]) == 60


def test_json_tells_both_sides_of_a_change() -> None:
    """What an added image has no promise of is null."""
    document = json.loads(verification_json(verification(MOVED, ADDED)))

    assert document["kept"] is False
    assert document["created"] == "2026-03-01"
    assert document["changes"][0]["found"] == {"name": "wren/a.png", "label": "wren", "sha256": A}
    assert document["changes"][1]["promised"] is None
