"""An audit as text and JSON."""

import io
import json
from pathlib import Path

from rich.console import Console

from grader.specs.audits import Audit, AuditedImage, Finding, TrainingSource, Unreadable
from grader.specs.views import audit_json, audit_text

NOTHING = Audit(
    root=Path("test"),
    n_images=1,
    n_photos=1,
    n_leaked=None,
    max_distance=8,
    findings=(),
    sources=(),
    unreadable=(),
)


def image(name: str) -> AuditedImage:
    """An image whose label is its folder; there is no file behind it."""
    return AuditedImage(path=Path("test") / name, name=name, label=name.partition("/")[0])


COPY = Finding(
    kind="near",
    distance=2,
    is_confirmed=True,
    image=image("robin/a.png"),
    other=image("wren/[b].png"),
    source=None,
    across_classes=True,
)
INSIDE = Finding(
    kind="same_file",
    distance=0,
    is_confirmed=True,
    image=image("robin/a.png"),
    other=image("robin/c\n.png"),
    source=None,
    across_classes=False,
)
RECORDED = Finding(
    kind="mirrored",
    distance=4,
    is_confirmed=False,
    image=image("robin/a.png"),
    other=AuditedImage(path=None, name=None, label=None, part="val"),
    source=Path("model.pkl"),
    across_classes=None,
)
LEAK = Finding(
    kind="same_pixels",
    distance=0,
    is_confirmed=True,
    image=image("robin/a.png"),
    other=image("wren/d.png"),
    source=Path("train"),
    across_classes=True,
)
FULL = Audit(
    root=Path("test"),
    n_images=8,
    n_photos=5,
    n_leaked=1,
    max_distance=8,
    findings=(INSIDE, COPY, RECORDED, LEAK),
    sources=(
        TrainingSource(path=Path("model.pkl"), n_images=90, has_pictures=False, unreadable=()),
        TrainingSource(path=Path("train"), n_images=1, has_pictures=True, unreadable=("x.png",)),
    ),
    unreadable=(Unreadable(name="wren/e.png", problem="broken\nfile"),),
)


def shown(audit: Audit) -> list[str]:
    """The lines of an audit as a file would get them."""
    written = io.StringIO()
    Console(file=written, width=120).print(audit_text(audit))
    return [line.rstrip() for line in written.getvalue().splitlines()]


def test_a_set_without_copies_is_two_sentences() -> None:
    """And nothing about training data that was not given."""
    assert shown(NOTHING) == [
        "A grade on this set rests on 1 photo.",
        "Images that can be read: 1; copies of others among them: 0.",
    ]


def test_an_audit_says_what_the_grade_rests_on_and_then_names_each_pair() -> None:
    """Copies with different labels come first, and pairs found by one hash only are marked."""
    assert shown(FULL) == [
        "A grade on this set rests on 5 photos.",
        "Images that can be read: 7; copies of others among them: 2.",
        "1 pair of copies has different labels.",
        "1 of 8 images (12.5%) occurs in training data.",
        'Compared with "model.pkl": 90 images, known only by their hashes.',
        'Compared with "train": 1 image.',
        'Of these, 1 can\'t be decoded, so only their bytes were compared: "x.png".',
        "",
        "Can't be decoded (1):",
        '"wren/e.png"  broken file',
        "",
        "Copies with different labels (1):",
        '"robin/a.png"  "wren/[b].png"  nearly the same, 2 of 64 bits differ',
        "",
        "Copies inside a class (1):",
        '"robin/a.png"  "robin/c\\n.png"  the same file',
        "",
        'Occur in "model.pkl" (1):',
        '"robin/a.png"  an image of val  mirrored, 4 of 64 bits differ, by one hash only',
        "",
        'Occur in "train" (1):',
        '"robin/a.png"  "wren/d.png"  the same pixels  other label',
    ]


def test_a_long_section_is_cut_with_a_count() -> None:
    """The JSON and the page list the rest."""
    audit = Audit(
        root=Path("test"),
        n_images=61,
        n_photos=1,
        n_leaked=None,
        max_distance=8,
        findings=(INSIDE,) * 60,
        sources=(),
        unreadable=(),
    )

    assert shown(audit)[-1] == "and 10 more; --format json and --out list them"
    assert len(json.loads(audit_json(audit))["findings"]) == 60


def test_json_tells_everything_that_is_known_of_a_pair() -> None:
    """What is known by its hashes alone has no name and no label."""
    document = json.loads(audit_json(FULL))

    assert document["findings"][1] == {
        "kind": "near",
        "images": ["robin/a.png", "wren/[b].png"],
        "labels": ["robin", "wren"],
        "distance": 2,
        "confirmed": True,
        "across_classes": True,
        "against": None,
        "part": None,
    }
    assert document["findings"][2] == {
        "kind": "mirrored",
        "images": ["robin/a.png", None],
        "labels": ["robin", None],
        "distance": 4,
        "confirmed": False,
        "across_classes": None,
        "against": "model.pkl",
        "part": "val",
    }


def test_json_tells_what_the_grade_rests_on() -> None:
    """Numbers, training data and what could not be read; what was not looked for is null."""
    document = json.loads(audit_json(FULL))

    assert {key: document[key] for key in ("n_images", "n_unreadable", "n_photos", "n_leaked")} == {
        "n_images": 8,
        "n_unreadable": 1,
        "n_photos": 5,
        "n_leaked": 1,
    }
    assert document["leaked_share"] == 0.125
    assert document["against"][1] == {
        "path": "train",
        "n_images": 1,
        "has_pictures": True,
        "unreadable": ["x.png"],
    }
    assert json.loads(audit_json(NOTHING))["leaked_share"] is None
