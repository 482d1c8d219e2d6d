"""The result of a journal's entries: where each photo is, and what undo and redo would do. Pure.

Untouched photos are not listed: each of them is where it always was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pipeline.cleaning.quarantine.entries import Change, Decided, Decision, Place, Redone, Undone


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A photo about which something was decided.

    Attributes:
        origin: CLASS_FOLDER/FILE before that.
        place: Where it is now.
        decision: The latest one.
        reason: Why, in the words of whoever decided.
    """

    origin: str
    place: Place
    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A file that goes from one place to another."""

    source: Place
    target: Place
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The result of all entries so far.

    Attributes:
        standings: The photos about which something was decided, by where they are now.
        done: The entries that apply, oldest first; undo takes the last.
        undone: The entries that were undone; redo takes the last.
        n_entries: How many entries there are, including those of undo and redo.
    """

    standings: Mapping[Place, Standing] = field(default_factory=lambda: MappingProxyType({}))
    done: tuple[Decided, ...] = ()
    undone: tuple[Decided, ...] = ()
    n_entries: int = 0


def replay(entries: Iterable[Decided | Undone | Redone]) -> State:
    """The state after all entries.

    Raises:
        ValueError: If an entry can't follow those before it.
    """
    state = State()
    for entry in entries:
        state = _stacked(state, entry)
    return _with_standings(state, _folded({}, state.done))


def after(state: State, entry: Decided | Undone | Redone) -> State:
    """The state after one more entry.

    Raises:
        ValueError: If it can't follow.
    """
    stacked = _stacked(state, entry)
    if isinstance(entry, Undone):
        return _with_standings(stacked, _folded({}, stacked.done))
    return _with_standings(stacked, _folded(state.standings, stacked.done[-1:]))


def moves_of(state: State, entry: Decided | Undone | Redone) -> tuple[Move, ...]:
    """The files that an entry moves, in order; `state` may be that before or after the entry."""
    if isinstance(entry, Decided):
        return tuple(_forth(change) for change in entry.changes if change.source != change.target)
    decided = next(one for one in (*state.done, *state.undone) if one.number == entry.of)
    moves = moves_of(state, decided)
    if isinstance(entry, Redone):
        return moves
    return tuple(
        Move(source=move.target, target=move.source, sha256=move.sha256) for move in reversed(moves)
    )


def _stacked(state: State, entry: Decided | Undone | Redone) -> State:
    """The state with the entry counted, but with the photos still where they were before it."""
    if entry.number != state.n_entries + 1:
        raise ValueError(f"entry {entry.number} follows entry {state.n_entries}")
    done, undone = state.done, state.undone
    if isinstance(entry, Decided):
        done, undone = (*done, entry), ()
    elif isinstance(entry, Undone):
        if not done or done[-1].number != entry.of:
            raise ValueError(f"entry {entry.number} undoes entry {entry.of}, which isn't the last")
        done, undone = done[:-1], (*undone, done[-1])
    else:
        if not undone or undone[-1].number != entry.of:
            raise ValueError(f"entry {entry.number} redoes entry {entry.of}, which wasn't undone")
        done, undone = (*done, undone[-1]), undone[:-1]
    return State(standings=state.standings, done=done, undone=undone, n_entries=entry.number)


def _folded(
    standings: Mapping[Place, Standing], entries: Iterable[Decided]
) -> dict[Place, Standing]:
    found = dict(standings)
    for change in (change for entry in entries for change in entry.changes):
        found.pop(change.source, None)
        found[change.target] = Standing(
            origin=change.origin,
            place=change.target,
            decision=change.decision,
            reason=change.reason,
        )
    return found


def _with_standings(state: State, standings: dict[Place, Standing]) -> State:
    return State(
        standings=MappingProxyType(standings),
        done=state.done,
        undone=state.undone,
        n_entries=state.n_entries,
    )


def _forth(change: Change) -> Move:
    return Move(source=change.source, target=change.target, sha256=change.sha256)
