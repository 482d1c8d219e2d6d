"""A running review: decisions about the photos of an album, by their numbers.

Every decision is in the journal, on the disk, before it is answered.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.cleaning.errors import DecisionError
from pipeline.cleaning.quarantine.entries import Change, Decision, Place
from pipeline.cleaning.quarantine.planning import Choice, Trees
from pipeline.cleaning.quarantine.quarantine import Quarantine
from pipeline.cleaning.quarantine.state import State
from pipeline.cleaning.review.album import Album


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants done with a photo.

    Attributes:
        photo: The photo's number.
        decision: What to do with it.
        label: Number of the class to move it to; None unless it is to be moved.
    """

    photo: int
    decision: Decision
    label: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What has been decided about a photo.

    Attributes:
        photo: The photo's number.
        decision: The latest one that applies; None if there is none.
        label: The class of its folder, or of its last one if it was removed.
    """

    photo: int
    decision: Decision | None
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a request.

    Attributes:
        statuses: Those of the photos that it was about.
        n_entries: How many entries the journal has now.
        can_undo: Whether there is something to undo.
        can_redo: Whether there is something to redo.
    """

    statuses: tuple[Status, ...]
    n_entries: int
    can_undo: bool
    can_redo: bool


class Review:
    """Decisions about an album, one at a time, from any thread.

    Args:
        quarantine: An open one.
        trees: Its folders.
        album: The photos.
    """

    def __init__(self, quarantine: Quarantine, trees: Trees, album: Album) -> None:
        self.album = album
        self._quarantine = quarantine
        self._trees = trees
        self._places = [subject.place for subject in album.subjects]
        self._number_of = {place: number for number, place in enumerate(self._places)}
        self._lock = threading.Lock()

    def file_of(self, photo: int) -> Path:
        """Where a photo is now."""
        return self._trees.file(self._places[photo])

    def standing(self) -> Outcome:
        """The status of every photo about which something was decided."""
        with self._lock:
            places = self._quarantine.state.standings
            return self._outcome([self._number_of[one] for one in places if one in self._number_of])

    def decide(self, wishes: Sequence[Wish]) -> Outcome:
        """Carry out wishes as one entry, which is undone as one.

        Raises:
            DecisionError: If some can't be carried out; nothing was changed.
            FileAccessError: If a file can't be moved. The decision stands.
        """
        for wish in wishes:
            if not 0 <= wish.photo < len(self._places):
                raise _stale_page_error(f"there is no photo {wish.photo}")
            if wish.label is not None and not 0 <= wish.label < len(self.album.labels):
                raise _stale_page_error(f"there is no class {wish.label}")
        with self._lock:
            return self._run(lambda: self._quarantine.apply([self._choice(one) for one in wishes]))

    def undo(self) -> Outcome:
        """Undo the last decision that applies, if there is one.

        Raises:
            DecisionError: If a file is gone or its old place is taken; nothing was changed.
            FileAccessError: As for `decide`.
        """
        with self._lock:
            return self._run(self._quarantine.undo)

    def redo(self) -> Outcome:
        """Redo what was undone last, if there is something.

        Raises:
            DecisionError: As for `undo`.
            FileAccessError: As for `decide`.
        """
        with self._lock:
            return self._run(self._quarantine.redo)

    def _choice(self, wish: Wish) -> Choice:
        return Choice(
            place=self._places[wish.photo],
            decision=wish.decision,
            label=None if wish.label is None else self.album.labels[wish.label],
            reason="review",
        )

    def _run(self, action: Callable[[], object]) -> Outcome:
        """Act, and follow the photos to where the journal has them, even if the action fails."""
        before = self._quarantine.state
        changed: list[int] = []
        try:
            action()
        finally:
            for source, target in _steps(before, self._quarantine.state):
                changed += self._follow(source, target)
        return self._outcome(changed)

    def _follow(self, source: Place, target: Place) -> tuple[int, ...]:
        """The number of the photo that moved; nothing if the page doesn't show it."""
        number = self._number_of.pop(source, None)
        if number is None:
            return ()
        self._number_of[target] = number
        self._places[number] = target
        return (number,)

    def _outcome(self, photos: Sequence[int]) -> Outcome:
        state = self._quarantine.state
        return Outcome(
            statuses=tuple(self._status(photo, state) for photo in photos),
            n_entries=state.n_entries,
            can_undo=bool(state.done),
            can_redo=bool(state.undone),
        )

    def _status(self, photo: int, state: State) -> Status:
        place = self._places[photo]
        standing = state.standings.get(place)
        return Status(
            photo=photo,
            decision=None if standing is None else standing.decision,
            label=place.path.split("/")[-2],
        )


def _stale_page_error(fault: str) -> DecisionError:
    return DecisionError([fault], where="the page", advice="reload the page")


def _steps(before: State, now: State) -> tuple[tuple[Place, Place], ...]:
    """The moves of photos between two states that are at most one entry apart."""
    if now.n_entries == before.n_entries:
        return ()
    changes: tuple[Change, ...]
    if len(now.done) > len(before.done):
        changes = now.done[-1].changes
        return tuple((one.source, one.target) for one in changes)
    changes = before.done[-1].changes
    return tuple((one.target, one.source) for one in reversed(changes))
