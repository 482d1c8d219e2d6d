"""Photos that are put back."""

from pathlib import Path

import pytest

from pipeline.cleaning.errors import DecisionError
from pipeline.cleaning.quarantine.entries import Decision
from pipeline.cleaning.quarantine.planning import Choice, Trees, image_place
from pipeline.cleaning.quarantine.restoring import Restored, away, restore
from tests.pipeline.cleaning.deciding import contents, opened, removal, write_trees


def decide(trees: Trees) -> None:
    """Remove two photos and move a third."""
    move = Choice(place=image_place("red/2.png"), decision=Decision.MOVE, label="blue")
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png"), removal("blue/1.png"), move])


def test_all_photos_can_be_put_back(tmp_path: Path) -> None:
    """Removed and moved ones; that can be undone like any decision."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    decide(trees)
    decided = contents(trees.images)
    with opened(trees) as quarantine:
        assert [one.origin for one in away(quarantine.state)] == [
            "blue/1.png",
            "red/0.png",
            "red/2.png",
        ]
        assert len(restore(quarantine, None).back) == 3
        assert contents(trees.images) == before
        assert away(quarantine.state) == ()
        assert restore(quarantine, None) == Restored(back=())
        quarantine.undo()
    assert contents(trees.images) == decided


@pytest.mark.parametrize(
    ("names", "back"),
    [(["red/0.png"], {"red/0.png"}), (["red"], {"red/0.png", "red/2.png"})],
)
def test_some_photos_can_be_put_back(tmp_path: Path, names: list[str], back: set[str]) -> None:
    """By their names, or by their class folder."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    decide(trees)
    with opened(trees) as quarantine:
        restored = restore(quarantine, names).back
    assert {one.origin for one in restored} == back
    assert {name for name in before if name in contents(trees.images)} >= back
    assert "blue/1.png" not in contents(trees.images)


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    """The photo that came meanwhile stays as it is."""
    trees = write_trees(tmp_path)
    decide(trees)
    (trees.images / "red" / "0.png").write_text("new")
    with opened(trees) as quarantine:
        restored = restore(quarantine, ["red/0.png"]).back
    assert [one.place.path for one in restored] == ["red/0 (2).png"]
    assert contents(trees.images)["red/0.png"] == "new"
    assert contents(trees.images)["red/0 (2).png"] == "red 0"


def test_a_name_that_is_not_away_is_told(tmp_path: Path) -> None:
    """With those that are; nothing is put back."""
    trees = write_trees(tmp_path)
    decide(trees)
    with opened(trees) as quarantine:
        with pytest.raises(DecisionError, match=r'"red/1\.png" was neither removed nor moved'):
            restore(quarantine, ["red/0.png", "red/1.png"])
        assert len(away(quarantine.state)) == 3


@pytest.mark.parametrize(
    ("names", "back"),
    [(None, ["blue/1.png", "red/2.png"]), (["red"], ["red/2.png"]), (["red/0.png"], [])],
)
def test_a_photo_that_is_gone_holds_up_no_other(
    tmp_path: Path, names: list[str] | None, back: list[str]
) -> None:
    """It is named, with where its file was."""
    trees = write_trees(tmp_path)
    decide(trees)
    file = trees.quarantine / "removed/000001/red/0.png"
    file.unlink()
    with opened(trees) as quarantine:
        restored = restore(quarantine, names)
    assert [one.origin for one in restored.back] == back
    assert restored.gone == (("red/0.png", file),)
    assert set(back) <= contents(trees.images).keys()
