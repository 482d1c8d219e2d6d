"""Turning choices about photos into the changes of one entry: checked, with a place for each file.

Reads the disk and changes nothing on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hidden_test_spec.errors import quote
from hidden_test_spec.images import sha256_of
from pipeline.cleaning.errors import DecisionError
from pipeline.cleaning.quarantine.entries import Change, Decision, Place, Side
from pipeline.cleaning.quarantine.state import Move, State

_REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody wants done with a photo.

    Attributes:
        place: Where it is now.
        decision: Keep it where it was originally, remove it, or move it to another class.
        label: The class folder to move to; None unless it is to be moved.
        reason: Why, for people; may be empty.
    """

    place: Place
    decision: Decision
    label: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """The two folders between which photos go."""

    images: Path
    quarantine: Path

    def file(self, place: Place) -> Path:
        """The file of a place."""
        return place.under(self.images, self.quarantine)


def image_place(image: str) -> Place:
    """The place of CLASS_FOLDER/FILE among the images."""
    return Place(side=Side.IMAGES, path=image)


def plan_changes(trees: Trees, state: State, choices: Sequence[Choice]) -> tuple[Change, ...]:
    """The changes that carry out choices, each with a free place for its file.

    Raises:
        DecisionError: If some can't be carried out; names every one.
    """
    faults = [*_faults(trees, choices)]
    if faults:
        raise _decision_error(trees, faults)
    taken: set[Place] = set()
    changes = []
    for choice in choices:
        standing = state.standings.get(choice.place)
        origin = choice.place.path if standing is None else standing.origin
        wanted = _wanted_place(choice, origin, number=state.n_entries + 1)
        target = choice.place if wanted == choice.place else _free(trees, wanted, taken)
        taken.add(target)
        changes.append(
            Change(
                origin=origin,
                source=choice.place,
                target=target,
                decision=choice.decision,
                reason=choice.reason,
                sha256=sha256_of(trees.file(choice.place)),
            )
        )
    return tuple(changes)


def check_moves(trees: Trees, moves: Sequence[Move]) -> None:
    """Make sure that files can be moved as planned.

    Raises:
        DecisionError: If files are gone or places are taken; names every one.
    """
    faults = []
    for move in moves:
        source, target = trees.file(move.source), trees.file(move.target)
        if not source.is_file():
            faults.append(_gone(source))
        if target.exists():
            faults.append(f"{quote(str(target))} is taken by another file; move it away first")
    if faults:
        raise _decision_error(trees, faults)


def _decision_error(trees: Trees, faults: Sequence[str]) -> DecisionError:
    return DecisionError(faults, where=str(trees.images), advice="fix that, and decide again")


def _faults(trees: Trees, choices: Sequence[Choice]) -> Iterator[str]:
    seen: set[Place] = set()
    for choice in choices:
        file = trees.file(choice.place)
        if not file.is_file():
            yield _gone(file)
        if choice.place in seen:
            yield f"{quote(str(file))} has two decisions"
        seen.add(choice.place)
        if (choice.label is not None) != (choice.decision is Decision.MOVE):
            yield f"{quote(str(file))} needs a class if it is to be moved, and only then"
        elif choice.label is not None and choice.label not in _class_folders(trees.images):
            folder = quote(str(trees.images))
            yield f"{quote(choice.label)} is not a class folder of {folder}; create it first"


def _class_folders(images: Path) -> set[str]:
    return {
        path.name for path in images.iterdir() if path.is_dir() and not path.name.startswith(".")
    }


def _wanted_place(choice: Choice, origin: str, *, number: int) -> Place:
    if choice.decision is Decision.KEEP:
        return image_place(origin)
    if choice.decision is Decision.MOVE:
        return image_place(f"{choice.label}/{PurePosixPath(choice.place.path).name}")
    if choice.place.side is Side.QUARANTINE:
        return choice.place
    return Place(side=Side.QUARANTINE, path=f"{_REMOVED}/{number:06}/{choice.place.path}")


def _free(trees: Trees, wanted: Place, taken: set[Place]) -> Place:
    """The wanted place, or one beside it with a number in its name."""
    path = PurePosixPath(wanted.path)
    place, number = wanted, 1
    while place in taken or trees.file(place).exists():
        number += 1
        name = f"{path.stem} ({number}){path.suffix}"
        place = Place(side=wanted.side, path=path.with_name(name).as_posix())
    return place


def _gone(file: Path) -> str:
    return f"{quote(str(file))} is no longer there"
