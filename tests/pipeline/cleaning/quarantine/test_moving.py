"""What is finished when a quarantine is opened again, and what is left as somebody made it."""

from pathlib import Path

import pytest

from pipeline.cleaning.quarantine.quarantine import open_quarantine
from pipeline.errors import FileAccessError
from tests.pipeline.cleaning.deciding import contents, noon, opened, removal, write_trees


@pytest.mark.parametrize("is_settled", [True, False])
def test_a_photo_that_was_edited_after_its_move_is_in_nobodys_way(
    tmp_path: Path, *, is_settled: bool
) -> None:
    """Also where nothing tells that the move was done but the files."""
    trees = write_trees(tmp_path)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
        quarantine.undo()
    (trees.images / "red" / "0.png").write_text("cropped")
    if not is_settled:
        (trees.quarantine / ".settled").unlink()
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
    assert contents(trees.quarantine) == {"removed/000003/red/0.png": "cropped"}


def test_a_photo_that_was_put_back_by_hand_stays_there(tmp_path: Path) -> None:
    """Opening the quarantine again doesn't move it."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
    (trees.quarantine / "removed/000001/red/0.png").rename(trees.images / "red" / "0.png")
    for _ in range(2):
        with opened(trees):
            assert contents(trees.images) == before


def test_another_photo_is_not_moved_for_one_that_is_gone(tmp_path: Path) -> None:
    """Though it has the name, and nothing tells that the move was done."""
    trees = write_trees(tmp_path)
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
    (trees.quarantine / "removed/000001/red/0.png").unlink()
    (trees.quarantine / ".settled").unlink()
    (trees.images / "red" / "0.png").write_text("another")
    lines: list[str] = []
    with open_quarantine(trees, lines.append, noon, by="test"):
        assert contents(trees.images)["red/0.png"] == "another"
    assert [line.endswith("is gone, though nobody decided that") for line in lines] == [True]


def test_a_file_in_the_way_of_an_interrupted_move_is_told(tmp_path: Path) -> None:
    """Neither of the two is lost, and the move is made once there is room."""
    trees = write_trees(tmp_path)
    target = trees.quarantine / "removed/000001/red/0.png"
    with opened(trees) as quarantine:
        quarantine.apply([removal("red/0.png")])
    (trees.quarantine / ".settled").write_text("torn")
    target.rename(trees.images / "red" / "0.png")
    target.write_text("another")
    with pytest.raises(FileAccessError, match="in the way of"), opened(trees):
        pytest.fail("opened")
    target.unlink()
    with opened(trees):
        assert contents(trees.quarantine) == {"removed/000001/red/0.png": "red 0"}
