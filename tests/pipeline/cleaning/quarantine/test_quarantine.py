"""Decisions that lose nothing: applied, undone, done again, and remembered."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cleaning.errors import DecisionError
from pipeline.cleaning.quarantine.entries import Decision
from pipeline.cleaning.quarantine.planning import Choice, Trees, image_place
from pipeline.cleaning.quarantine.quarantine import (
    check_begun,
    default_quarantine,
    open_quarantine,
    read_state,
)
from pipeline.errors import BadInputError, FileAccessError, MachineError, UsageError
from tests.pipeline.cleaning.deciding import (
    contents,
    noon,
    opened,
    removal,
    removed_place,
    write_trees,
)
from tests.pipeline.drawing import silent

UNDONE = {"kind": "undone", "at": "2026-05-04T12:00:00Z", "by": "test"}


def test_a_removed_photo_lies_in_the_quarantine(tmp_path: Path) -> None:
    """Under the number of the entry, its class folder and its name."""
    trees = write_trees(tmp_path)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/1.png")])
    assert "red/1.png" not in contents(trees.images)
    assert contents(trees.quarantine) == {"removed/000001/red/1.png": "red 1"}


def test_a_moved_photo_lies_in_its_new_class(tmp_path: Path) -> None:
    """Under its own name, or one with a number where that is taken."""
    trees = write_trees(tmp_path)
    place = image_place("red/1.png")
    with opened(trees) as quarantine:
        quarantine.apply([Choice(place=place, decision=Decision.MOVE, label="blue")])
    assert contents(trees.images)["blue/1 (2).png"] == "red 1"
    assert contents(trees.images)["blue/1.png"] == "blue 1"


def test_a_kept_photo_stays_and_is_remembered(tmp_path: Path) -> None:
    """A decision to keep is a decision."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    place = image_place("red/1.png")
    with opened(trees) as quarantine:
        quarantine.apply([Choice(place=place, decision=Decision.KEEP)])
    with opened(trees) as quarantine:
        assert quarantine.state.standings[place].decision is Decision.KEEP
    assert contents(trees.images) == before


def test_undo_and_redo_go_through_entries_one_by_one(tmp_path: Path) -> None:
    """A choice of several photos is one step, and each step is an entry of the journal."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png"), removal("red/1.png")])
        quarantine.apply([removal("blue/0.png")])
        after_both = contents(trees.images)
        quarantine.undo()
        assert "blue/0.png" in contents(trees.images)
        quarantine.undo()
        assert contents(trees.images) == before
        assert quarantine.undo() is None
        quarantine.redo()
        quarantine.redo()
        assert quarantine.redo() is None
        assert contents(trees.images) == after_both
        assert quarantine.state.n_entries == 6


def test_undo_works_after_the_quarantine_was_closed(tmp_path: Path) -> None:
    """The journal knows what was done last."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
    with opened(trees) as quarantine:
        quarantine.undo()
    assert contents(trees.images) == before
    with opened(trees) as quarantine:
        assert quarantine.redo() is not None
    assert contents(trees.quarantine) == {"removed/000001/red/0.png": "red 0"}


def test_a_new_decision_ends_what_could_be_done_again(tmp_path: Path) -> None:
    """Redo then has nothing left, as in any editor."""
    trees = write_trees(tmp_path)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
        quarantine.undo()
        quarantine.apply([removal("blue/0.png")])
        assert quarantine.redo() is None


def test_a_photo_may_go_from_class_to_class_and_back(tmp_path: Path) -> None:
    """Keeping it takes it to where it was at first; a removed one can be moved on."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
        removed = removed_place("000001/red/0.png")
        quarantine.apply([Choice(place=removed, decision=Decision.MOVE, label="blue")])
        moved = image_place("blue/0 (2).png")
        assert quarantine.state.standings[moved].origin == "red/0.png"
        quarantine.apply([Choice(place=moved, decision=Decision.KEEP)])
    assert contents(trees.images) == before


def test_all_that_cannot_be_done_is_told_at_once(tmp_path: Path) -> None:
    """And nothing of the rest is done or written."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    moves = [
        Choice(place=image_place("red/0.png"), decision=Decision.MOVE, label="../outside"),
        Choice(place=image_place("red/1.png"), decision=Decision.MOVE),
        Choice(place=image_place("red/2.png"), decision=Decision.KEEP, label="blue"),
    ]
    with opened(trees) as quarantine:
        with pytest.raises(DecisionError, match="some of it can't be done") as caught:
            quarantine.apply([removal("blue/0.png"), removal("red/9.png"), *moves, *moves[:1]])
        assert quarantine.state.n_entries == 0
    assert str(caught.value).count("\n  - ") == 6
    assert contents(trees.images) == before


def test_a_photo_whose_place_is_taken_is_not_put_back_over_another(tmp_path: Path) -> None:
    """Undo says so, and nothing is changed."""
    trees = write_trees(tmp_path)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
        (trees.images / "red" / "0.png").write_text("another")
        with pytest.raises(DecisionError, match=r"0\.png\" is taken by another file"):
            quarantine.undo()
        assert quarantine.state.n_entries == 1
    assert contents(trees.images)["red/0.png"] == "another"
    assert contents(trees.quarantine) == {"removed/000001/red/0.png": "red 0"}


def test_one_process_at_a_time_may_decide(tmp_path: Path) -> None:
    """A second one is refused."""
    trees = write_trees(tmp_path)
    program = (
        "import sys; from pathlib import Path; from tests.pipeline.cleaning.deciding import opened;"
        "from pipeline.cleaning.quarantine.planning import Trees\n"
        "with opened(Trees(images=Path(sys.argv[1]), quarantine=Path(sys.argv[2]))): pass"
    )
    command = [sys.executable, "-c", program, str(trees.images), str(trees.quarantine)]
    with opened(trees):
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
        with pytest.raises(MachineError, match="wait until it ends"), opened(trees):
            pytest.fail("opened twice")
    assert "MachineError" in refused.stderr
    assert subprocess.run(command, check=False).returncode == 0


def test_a_journal_of_another_folder_is_refused(tmp_path: Path) -> None:
    """Its photos would be put back into the wrong folder; moving both together is fine."""
    trees = write_trees(tmp_path / "here")
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
    others = write_trees(tmp_path / "other")
    mixed = Trees(images=others.images, quarantine=trees.quarantine)
    with (
        pytest.raises(BadInputError, match=r"another folder of images, \.\./images"),
        opened(mixed),
    ):
        pytest.fail("opened")
    (tmp_path / "here").rename(tmp_path / "there")
    moved = Trees(images=tmp_path / "there/images", quarantine=tmp_path / "there/kept")
    with opened(moved) as quarantine:
        quarantine.undo()
    assert "red/0.png" in contents(moved.images)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"kind": "decided"}', "line 3 is not a journal entry"),
        ("no JSON", "line 3 is not a journal entry"),
        (json.dumps({**UNDONE, "number": 3, "of": 1}), "entry 3 follows entry 1"),
        (json.dumps({**UNDONE, "number": 2, "of": 2}), "undoes entry 2, which isn't the last"),
        (json.dumps({**UNDONE, "kind": "redone", "number": 2, "of": 1}), "which wasn't undone"),
    ],
)
def test_a_damaged_journal_is_refused_whole(tmp_path: Path, line: str, fault: str) -> None:
    """No file is moved on the word of the rest."""
    trees = write_trees(tmp_path)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
    with (trees.quarantine / "journal.jsonl").open("a", encoding="utf-8") as journal:
        journal.write(f"{line}\n")
    with pytest.raises(BadInputError, match=fault), opened(trees):
        pytest.fail("opened")


@pytest.mark.parametrize(
    "path", ["../red/0.png", "/etc/passwd", "red/../../0.png", "red\x00/0.png"]
)
def test_a_place_outside_the_trees_is_no_place(path: str) -> None:
    """No path can lead out of the trees."""
    with pytest.raises(ValueError, match="inside the tree"):
        image_place(path)


def test_a_quarantine_among_the_images_is_refused(tmp_path: Path) -> None:
    """It would look like a class; beside the images it is made by default."""
    trees = write_trees(tmp_path)
    inside = Trees(images=trees.images, quarantine=trees.images / "kept")
    with pytest.raises(UsageError, match=r"--quarantine (?s:.)* outside"), opened(inside):
        pytest.fail("opened")
    assert default_quarantine(trees.images) == tmp_path / "images-quarantine"


def test_a_quarantine_that_was_never_begun_is_told_of(tmp_path: Path) -> None:
    """So that a wrong path makes no empty one."""
    trees = write_trees(tmp_path)
    with pytest.raises(BadInputError, match="nothing to put back into"):
        check_begun(trees)
    with opened(trees):
        check_begun(trees)
    with pytest.raises(BadInputError, match="no such folder"):
        check_begun(Trees(images=tmp_path / "none", quarantine=trees.quarantine))


def test_nothing_can_be_beside_the_top_of_a_disk() -> None:
    """There is nowhere to put a quarantine for it."""
    with pytest.raises(BadInputError, match="root of a disk"):
        default_quarantine(Path("/"))


def test_the_state_can_be_read_beside_another_process(tmp_path: Path) -> None:
    """It takes no lock and repairs nothing; without a journal the state is empty."""
    trees = write_trees(tmp_path)
    assert read_state(trees).n_entries == 0
    assert not trees.quarantine.exists()
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
        assert read_state(trees) == quarantine.state
    journal = trees.quarantine / "journal.jsonl"
    torn = journal.read_bytes() + b'{"kind": "dec'
    journal.write_bytes(torn)
    assert read_state(trees).n_entries == 1
    assert journal.read_bytes() == torn


def test_names_that_are_no_utf_8_survive(tmp_path: Path) -> None:
    """Bytes of a file name come back as they were."""
    trees = write_trees(tmp_path)
    name = os.fsdecode(b"caf\xe9.png")
    (trees.images / "red" / name).write_text("strange")
    with opened(trees) as quarantine:
        quarantine.apply([removal(f"red/{name}")])
    with opened(trees) as quarantine:
        quarantine.undo()
    assert (trees.images / "red" / name).read_text() == "strange"


def test_a_file_that_cannot_be_moved_is_moved_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision holds, and is carried out by the next action or when it is opened again."""
    trees = write_trees(tmp_path)
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.name == "1.png":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    with opened(trees) as quarantine:
        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", refused)
            with pytest.raises(FileAccessError, match="Permission denied"):
                quarantine.apply([removal("red/0.png"), removal("red/1.png")])
        assert "red/1.png" in contents(trees.images)
        quarantine.apply([removal("red/2.png")])
    assert not {"red/0.png", "red/1.png", "red/2.png"} & contents(trees.images).keys()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """No quarantine is made for it."""
    trees = Trees(images=tmp_path / "none", quarantine=tmp_path / "kept")
    with (
        pytest.raises(BadInputError, match="no such folder"),
        open_quarantine(trees, silent, noon, by="test"),
    ):
        pytest.fail("opened")
    assert list(tmp_path.iterdir()) == []
