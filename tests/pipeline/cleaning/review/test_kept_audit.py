"""When a review begins with the findings of the last one, and when it looks again."""

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.cleaning.audit.findings import Audit
from pipeline.cleaning.quarantine.entries import Decision
from pipeline.cleaning.quarantine.planning import Choice, Trees, image_place
from pipeline.cleaning.quarantine.quarantine import Quarantine
from pipeline.cleaning.review import kept_audit
from pipeline.cleaning.review.kept_audit import audit_for_review
from pipeline.cleaning.review.listing import list_photos
from pipeline.folders import list_class_folders
from tests.pipeline.cleaning.deciding import opened, removal
from tests.pipeline.cleaning.review.drawn import SETTINGS, audit_of, draw_trees, finding
from tests.pipeline.drawing import draw_image, silent


@pytest.fixture
def looked(trees: Trees, monkeypatch: pytest.MonkeyPatch) -> list[Audit]:
    """The audits that are made; without the networks of a real one."""
    made: list[Audit] = []

    def audit_images(*_: object) -> Audit:
        made.append(audit_of(trees.images, [finding("dark", "blue/blue 3.png")]))
        return made[-1]

    monkeypatch.setattr(kept_audit, "audit_images", audit_images)
    return made


def begin(trees: Trees, quarantine: Quarantine) -> Audit:
    """The audit with which a review begins."""
    folder = list_class_folders(trees.images, extensions=SETTINGS.extensions)
    listed = list_photos(trees, folder, quarantine.state)
    return audit_for_review(trees, listed, SETTINGS, silent)


def names(audit: Audit) -> Sequence[str]:
    """The images that an audit knows."""
    return sorted(photo.image for photo in audit.photos)


def test_the_same_photos_are_not_looked_at_again(trees: Trees, looked: list[Audit]) -> None:
    """Also after some were removed; the kept audit is equal to the one that was made."""
    with opened(trees) as quarantine:
        quarantine.apply([removal("blue/blue 0.png")])
        assert begin(trees, quarantine) == audit_of_before(trees, "blue/blue 0.png")
    assert looked == []


def audit_of_before(trees: Trees, removed: str) -> Audit:
    """The audit of the photos as they were before one was removed."""
    fresh = draw_trees(trees.images.parent / "fresh")
    found = audit_of(fresh.images)
    assert removed in names(found)
    return Audit(root=trees.images, photos=found.photos, findings=(), skipped=())


def test_a_new_photo_makes_a_new_audit_which_is_kept_in_turn(
    trees: Trees, looked: list[Audit]
) -> None:
    """Though it doesn't know those that were removed before."""
    with opened(trees) as quarantine:
        quarantine.apply([removal("blue/blue 0.png")])
        draw_image(trees.images / "red" / "new.png", colour=(9, 9, 9), seed=77)
        first = begin(trees, quarantine)
        assert "red/new.png" in names(first)
        assert begin(trees, quarantine) == first
        assert len(looked) == 1
        quarantine.undo()
        assert "blue/blue 0.png" in names(begin(trees, quarantine))
        assert len(looked) == 2


def test_a_changed_photo_makes_a_new_audit(trees: Trees, looked: list[Audit]) -> None:
    """Its size tells, or the time of its last change."""
    photo = trees.images / "red" / "red 0.png"
    draw_image(photo, colour=(9, 9, 9), seed=77, side_px=64)
    with opened(trees) as quarantine:
        begin(trees, quarantine)
        assert len(looked) == 1
        begin(trees, quarantine)
        assert len(looked) == 1
        found = photo.stat()
        os.utime(photo, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000_000))
        begin(trees, quarantine)
    assert len(looked) == 2


def test_an_audit_for_which_libraries_were_missing_is_not_kept(
    trees: Trees, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may be there next time; what an audit says about other files doesn't matter."""
    draw_image(trees.images / "red" / "new.png", colour=(9, 9, 9), seed=77)
    found = replace(audit_of(trees.images), skipped=("notes.txt is no image",), is_complete=False)
    monkeypatch.setattr(kept_audit, "audit_images", lambda *_: found)
    with opened(trees) as quarantine:
        assert begin(trees, quarantine) == found
        complete = replace(found, is_complete=True)
        monkeypatch.setattr(kept_audit, "audit_images", lambda *_: complete)
        assert begin(trees, quarantine) == complete
        monkeypatch.setattr(kept_audit, "audit_images", pytest.fail)
        assert begin(trees, quarantine) == complete


def test_names_that_are_no_utf_8_are_known_again(trees: Trees, looked: list[Audit]) -> None:
    """Bytes of a file name are kept as they were."""
    draw_image(trees.images / "red" / os.fsdecode(b"caf\xe9.png"), colour=(9, 9, 9), seed=77)
    with opened(trees) as quarantine:
        assert begin(trees, quarantine) == begin(trees, quarantine)
    assert len(looked) == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"photos": [1], "findings": []}', "\0"])
def test_a_damaged_file_is_as_good_as_none(trees: Trees, looked: list[Audit], text: str) -> None:
    """It is written again."""
    path = trees.quarantine / "audit-64-5.json"
    path.write_text(text)
    with opened(trees) as quarantine:
        begin(trees, quarantine)
        begin(trees, quarantine)
    assert len(looked) == 1


def test_a_moved_photo_is_known_by_what_it_was_called(trees: Trees, looked: list[Audit]) -> None:
    """Also in an audit that was made after the move."""
    with opened(trees) as quarantine:
        quarantine.apply([to_red("blue/blue 3.png")])
        draw_image(trees.images / "blue" / "new.png", colour=(9, 9, 9), seed=77)
        found = begin(trees, quarantine)
    assert len(looked) == 1
    assert "blue/blue 3.png" in names(found)
    assert "red/blue 3.png" not in names(found)


def test_a_photo_that_came_to_an_old_name_is_another_photo(
    trees: Trees, looked: list[Audit]
) -> None:
    """Whether the first was moved or removed; both are known, each by its own name."""
    with opened(trees) as quarantine:
        quarantine.apply([to_red("blue/blue 3.png"), removal("blue/blue 2.png")])
        for name in ("blue 2.png", "blue 3.png"):
            draw_image(trees.images / "blue" / name, colour=(9, 9, 9), seed=77)
        found = begin(trees, quarantine)
        assert {"blue/blue 3.png", "red/blue 3.png", "blue/blue 2.png"} <= set(names(found))
        assert begin(trees, quarantine) == found
    assert len(looked) == 1


def to_red(image: str) -> Choice:
    """The choice to move a photo."""
    return Choice(place=image_place(image), decision=Decision.MOVE, label="red")
