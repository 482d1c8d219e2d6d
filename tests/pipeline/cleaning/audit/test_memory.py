"""What audits remember of photos, seen from what a second audit still does."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cleaning.audit.appearances import appearance_scores
from pipeline.cleaning.audit.auditing import AuditSettings, audit_images
from pipeline.cleaning.audit.findings import Audit
from pipeline.cleaning.audit.memory import Memory, default_memory
from pipeline.cleaning.audit.photo_features import photo_features
from pipeline.cli.app import app
from pipeline.copies import hash_images
from tests.pipeline.drawing import COLOURS, draw_classes, draw_image, silent

HASHES = ("aa", "bb", "aa", "cc")


def tell_all(missing: Sequence[int]) -> Iterator[bytes]:
    """An answer for each position."""
    return (f"at {at}".encode() for at in missing)


def test_what_is_known_is_not_asked_again(tmp_path: Path) -> None:
    """Two photos with the same bytes are one question; another topic is another one."""
    memory = Memory(tmp_path / "memory.sqlite3")
    assert memory.each(HASHES, "colour", tell_all) == (b"at 0", b"at 1", b"at 0", b"at 3")
    asked: list[int] = []

    def tell_more(missing: Sequence[int]) -> Iterator[bytes]:
        asked.extend(missing)
        return tell_all(missing)

    assert memory.each((*HASHES, "dd"), "colour", tell_more)[-1] == b"at 4"
    assert asked == [4]
    memory.each(HASHES, "shape", tell_more)
    assert asked == [4, 0, 1, 3]


def test_what_was_found_before_a_failure_stays_known(tmp_path: Path) -> None:
    """An audit that is interrupted goes on where it was."""
    memory = Memory(tmp_path / "memory.sqlite3")
    many = [f"{number:02}" for number in range(50)]

    def fail_late(missing: Sequence[int]) -> Iterator[bytes]:
        yield from tell_all(missing[:40])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        memory.each(many, "colour", fail_late)
    asked: list[int] = []

    def tell_more(missing: Sequence[int]) -> Iterator[bytes]:
        asked.extend(missing)
        return tell_all(missing)

    memory.each(many, "colour", tell_more)
    assert asked == list(range(32, 50))


@pytest.mark.parametrize("content", [b"no database", None])
def test_a_memory_that_cannot_be_used_is_an_empty_one(
    tmp_path: Path, content: bytes | None
) -> None:
    """It costs time, and no audit; so does a folder in its place."""
    path = tmp_path / "memory.sqlite3"
    path.mkdir() if content is None else path.write_bytes(content)
    for _ in range(2):
        answers = Memory(path).each(HASHES, "colour", tell_all)
        assert answers == (b"at 0", b"at 1", b"at 0", b"at 3")


def count_looks(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many photos each of the slow checks looks at from now on."""
    counts = {"hashed": 0, "appearance": 0, "network": 0}

    def hashing(paths: Sequence[Path], **more: Any) -> Any:
        counts["hashed"] += len(paths)
        return hash_images(paths, **more)

    def appearing(some: Any, library: Any) -> Any:
        counts["appearance"] += len(some)
        return appearance_scores(some, library)

    def looking(paths: Sequence[Path], report: Any) -> Any:
        counts["network"] += len(paths)
        return photo_features(paths, report)

    monkeypatch.setattr("pipeline.cleaning.audit.photos.hash_images", hashing)
    monkeypatch.setattr("pipeline.cleaning.audit.appearances.appearance_scores", appearing)
    monkeypatch.setattr("pipeline.cleaning.audit.photo_features.photo_features", looking)
    return counts


def facts_of(audit: Audit) -> Audit:
    """An audit apart from where the folder is."""
    return replace(audit, root=Path())


def test_ten_more_photos_cost_ten_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second audit looks at them alone, and finds what an audit without memory finds."""
    images = draw_classes(tmp_path / "images", per_class=6)
    settings = AuditSettings(min_side_px=16, memory=tmp_path / "memory.sqlite3")
    audit_images(images, settings, silent)
    for number in range(10):
        path = images / "red" / f"new {number}.png"
        draw_image(path, colour=COLOURS["red"], seed=500 + number)
    looks = count_looks(monkeypatch)
    again = audit_images(images, settings, silent)
    assert looks == {"hashed": 10, "appearance": 10, "network": 10}
    fresh = audit_images(images, replace(settings, memory=None), silent)
    assert [one.images for one in again.findings] == [one.images for one in fresh.findings]
    assert [one.image for one in again.photos] == [one.image for one in fresh.photos]


def test_audit_and_clean_share_one_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After pipeline audit, neither a dry run nor the run itself looks at a photo again."""
    monkeypatch.setenv("PIPELINE_CACHE", str(tmp_path / "cache"))
    images = draw_classes(tmp_path / "images", per_class=4)
    (images / "red" / "twin.png").write_bytes((images / "red" / "red 1.png").read_bytes())
    command, options = CliRunner(), ["--min-side", "16"]
    audited = command.invoke(
        app, ["audit", str(images), "--out", str(tmp_path / "audit"), *options]
    )
    assert audited.exit_code == 0, audited.output
    assert default_memory().is_file()
    looks = count_looks(monkeypatch)
    dry = command.invoke(app, ["clean", str(images), "--auto", "--dry-run", *options])
    assert "Would be removed to" in dry.stderr
    assert dry.stderr.rstrip().endswith(": 1 photo")
    done = command.invoke(app, ["clean", str(images), "--auto", *options])
    assert dry.stdout == done.stdout == "red/twin.png: copy of red/red 1.png\n"
    assert looks == {"hashed": 0, "appearance": 0, "network": 0}


def test_photos_that_were_moved_are_known(tmp_path: Path) -> None:
    """The content counts, not the name."""
    images = draw_classes(tmp_path / "images", per_class=3)
    settings = AuditSettings(min_side_px=16, memory=tmp_path / "memory.sqlite3")
    first = audit_images(images, settings, silent)
    images.rename(tmp_path / "renamed")
    lines: list[str] = []
    second = audit_images(tmp_path / "renamed", settings, lines.append)
    assert facts_of(first) == facts_of(second)
