"""A folder of photos with its quarantine, and decisions about them, for the tests of both."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipeline.cleaning.quarantine.entries import Decision, Place, Side
from pipeline.cleaning.quarantine.planning import Choice, Trees, image_place
from pipeline.cleaning.quarantine.quarantine import Quarantine, open_quarantine
from tests.pipeline.drawing import silent


def noon() -> datetime:
    """A clock that stands still."""
    return datetime(2026, 5, 4, 12, tzinfo=UTC)


def write_trees(root: Path) -> Trees:
    """Two class folders with three files each, and a name for their quarantine."""
    for label in ("blue", "red"):
        (root / "images" / label).mkdir(parents=True)
        for number in range(3):
            (root / "images" / label / f"{number}.png").write_text(f"{label} {number}")
    return Trees(images=root / "images", quarantine=root / "kept")


@contextmanager
def opened(trees: Trees) -> Iterator[Quarantine]:
    """Their quarantine, opened without any report."""
    with open_quarantine(trees, silent, noon, by="test") as quarantine:
        yield quarantine


def removal(image: str) -> Choice:
    """The choice to remove a photo."""
    return Choice(place=image_place(image), decision=Decision.REMOVE, reason="dull")


def removed_place(path: str) -> Place:
    """The place of a removed photo: number of the entry, class folder, and name."""
    return Place(side=Side.QUARANTINE, path=f"removed/{path}")


def contents(folder: Path) -> dict[str, str]:
    """Every photo of a tree with its bytes; neither journal nor lock."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*.png"))
    }
