"""A process that is killed at any step loses no decision and no file."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cleaning.quarantine.planning import Trees
from tests.pipeline.cleaning.deciding import contents, opened, removal, write_trees
from tests.pipeline.cleaning.killed_worker import CHOICES

# The first fsync is that of the entry's line: whoever dies before it has decided nothing yet.
BEFORE_THE_ENTRY = ("half-a-line",)
AFTER_THE_ENTRY = (
    "fsync-1-after",
    "rename-1-before",
    "rename-1-after",
    "rename-2-before",
    "rename-2-after",
    "rename-3-before",
    "rename-3-after",
    "fsync-4-before",
)


def killed(trees: Trees, action: str, step: str) -> None:
    """Let a process act, and see that it was killed."""
    module = "tests.pipeline.cleaning.killed_worker"
    command = [sys.executable, "-m", module, str(trees.images), str(trees.quarantine), action, step]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr


def files_of(trees: Trees) -> list[str]:
    """What every photo holds, wherever it is."""
    return sorted([*contents(trees.images).values(), *contents(trees.quarantine).values()])


@pytest.mark.parametrize("step", AFTER_THE_ENTRY)
def test_a_decision_that_was_written_is_carried_out(tmp_path: Path, step: str) -> None:
    """When the quarantine is opened again; it can be undone as if nothing had happened."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    killed(trees, "apply", step)
    assert files_of(trees) == sorted(before.values())
    with opened(trees) as quarantine:
        assert contents(trees.images).keys() == before.keys() - set(CHOICES)
        assert files_of(trees) == sorted(before.values())
        quarantine.undo()
    assert contents(trees.images) == before


@pytest.mark.parametrize("step", BEFORE_THE_ENTRY)
def test_a_decision_that_was_not_written_did_not_happen(tmp_path: Path, step: str) -> None:
    """Nothing was moved, and the journal takes the next one."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    killed(trees, "apply", step)
    assert contents(trees.images) == before
    with opened(trees) as quarantine:
        assert quarantine.state.n_entries == 0
        quarantine.apply([removal("red/0.png")])
    with opened(trees) as quarantine:
        assert quarantine.state.n_entries == 1


@pytest.mark.parametrize("step", ["fsync-1-after", "rename-1-after", "rename-3-after"])
def test_an_undo_that_was_written_is_carried_out(tmp_path: Path, step: str) -> None:
    """All photos are back."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    with opened(trees) as quarantine:
        quarantine.apply([removal(image) for image in CHOICES])
    killed(trees, "undo", step)
    with opened(trees):
        assert contents(trees.images) == before


@pytest.mark.parametrize("step", ["fsync-1-after", "rename-2-before", "rename-3-after"])
def test_a_redo_that_was_written_is_carried_out(tmp_path: Path, step: str) -> None:
    """All photos are removed again."""
    trees = write_trees(tmp_path)
    before = contents(trees.images)
    with opened(trees) as quarantine:
        quarantine.apply([removal(image) for image in CHOICES])
        quarantine.undo()
    killed(trees, "redo", step)
    with opened(trees):
        assert contents(trees.images).keys() == before.keys() - set(CHOICES)
    assert files_of(trees) == sorted(before.values())


def test_a_photo_that_came_again_meanwhile_is_another_photo(tmp_path: Path) -> None:
    """A scrape that fetched it again has put it where it was; both stay."""
    trees = write_trees(tmp_path)
    killed(trees, "apply", "rename-1-after")
    (trees.images / "red" / "0.png").write_text("fetched again")
    with opened(trees):
        assert contents(trees.images)["red/0.png"] == "fetched again"
    assert contents(trees.quarantine)["removed/000001/red/0.png"] == "red 0"
