"""Cleaning without a page: what it removes, what it leaves alone, and what it makes."""

from pathlib import Path

import pytest

from pipeline.cleaning.audit.auditing import AuditSettings
from pipeline.cleaning.audit.findings import Audit
from pipeline.cleaning.quarantine import removing
from pipeline.cleaning.quarantine.entries import Decision
from pipeline.cleaning.quarantine.planning import Choice, Trees, image_place
from pipeline.cleaning.quarantine.removing import clean_automatically
from pipeline.cleaning.quarantine.restoring import restore
from pipeline.errors import MachineError, UsageError
from tests.pipeline.cleaning.deciding import contents, noon, opened, removal, write_trees
from tests.pipeline.cleaning.review.drawn import audit_of, finding
from tests.pipeline.drawing import silent

DOUBTED = ("blue/0.png", "red/0.png", "red/1.png")
# Where a photo of red is that was moved to blue.
MOVED = "blue/2 (2).png"


@pytest.fixture(autouse=True)
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that are audited, with the same labels in doubt; no network is needed."""
    folders: list[Path] = []

    def audit_images(images: Path, *_: object) -> Audit:
        folders.append(images)
        there = [image for image in (*DOUBTED, MOVED) if (images / image).exists()]
        return audit_of(images, [finding("label", image) for image in there])

    monkeypatch.setattr(removing, "audit_images", audit_images)
    return folders


def cleaned(trees: Trees, *, is_dry_run: bool = False) -> list[str]:
    """The images that are removed."""
    choices = clean_automatically(trees, AuditSettings(), silent, noon, is_dry_run=is_dry_run)
    return [choice.place.path for choice in choices]


def test_what_is_certain_is_removed(tmp_path: Path) -> None:
    """And then there is nothing more to do."""
    trees = write_trees(tmp_path)
    assert cleaned(trees) == [*DOUBTED]
    assert not set(DOUBTED) & contents(trees.images).keys()
    assert cleaned(trees) == []


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_what_somebody_kept_or_put_back_stays(tmp_path: Path, *, is_dry_run: bool) -> None:
    """As does a photo that was moved to its class; a decision that was undone is none."""
    trees = write_trees(tmp_path)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
        restore(quarantine, None)
        move = Choice(place=image_place("red/2.png"), decision=Decision.MOVE, label="blue")
        quarantine.apply([move])
        quarantine.apply([Choice(place=image_place("red/1.png"), decision=Decision.KEEP)])
        quarantine.apply([Choice(place=image_place("blue/0.png"), decision=Decision.KEEP)])
        quarantine.undo()
    assert cleaned(trees, is_dry_run=is_dry_run) == ["blue/0.png"]
    assert {"red/0.png", "red/1.png", MOVED} <= contents(trees.images).keys()


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    """It makes no quarantine, and waits for no process that has one open."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    assert cleaned(trees, is_dry_run=True) == [*DOUBTED]
    assert not trees.quarantine.exists()
    with opened(trees):
        assert cleaned(trees, is_dry_run=True) == [*DOUBTED]
    assert contents(trees.images) == before


def test_a_quarantine_is_made_only_for_what_is_removed(tmp_path: Path) -> None:
    """A folder in which nothing is wrong gets none."""
    trees = write_trees(tmp_path)
    for image in DOUBTED:
        (trees.images / image).unlink()
    assert cleaned(trees) == []
    assert not trees.quarantine.exists()


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_a_quarantine_among_the_images_is_refused_before_the_audit(
    tmp_path: Path, looked: list[Path], *, is_dry_run: bool
) -> None:
    """The audit may take minutes, so the check comes first."""
    trees = write_trees(tmp_path)
    inside = Trees(images=trees.images, quarantine=trees.images / "kept")
    with pytest.raises(UsageError, match=r"^--quarantine"):
        cleaned(inside, is_dry_run=is_dry_run)
    assert looked == []


def test_a_quarantine_in_use_is_told_before_the_audit(tmp_path: Path, looked: list[Path]) -> None:
    """Nobody waits for an audit in vain."""
    trees = write_trees(tmp_path)
    with opened(trees), pytest.raises(MachineError, match="is using the quarantine"):
        cleaned(trees)
    assert looked == []
