"""Decisions about photos that lose nothing: no photo is ever deleted, and all can be undone.

A decision is written to the journal first, and is on the disk before a file is moved. If the
process is killed in between, the files are moved when the quarantine is opened again. What has
been moved is not checked again: photos may be edited, and moved by hand. A removed photo is
moved out of the images' folder into the quarantine, which must be on the same disk.

    trees = Trees(images=images, quarantine=default_quarantine(images))
    with open_quarantine(trees, report, clock, by="review") as quarantine:
        quarantine.apply([Choice(place=image_place("loro/loro 1.jpg"), decision=Decision.REMOVE)])
        quarantine.undo()
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from hidden_test_spec.errors import quote
from pipeline.cleaning.quarantine.entries import Decided, Place, Redone, Undone
from pipeline.cleaning.quarantine.journal import Journal, journal_error
from pipeline.cleaning.quarantine.moving import Settled, finish_move, move_file
from pipeline.cleaning.quarantine.planning import Choice, Trees, check_moves, plan_changes
from pipeline.cleaning.quarantine.state import Move, State, after, moves_of, replay
from pipeline.errors import BadInputError, FileAccessError, MachineError, UsageError
from pipeline.folders import JOURNAL_NAME, bad_folder_error, is_quarantine, list_class_folders
from pipeline.progress import Report

Now = Callable[[], datetime]

_LOCK_NAME = ".lock"


class Quarantine:
    """An open quarantine, which only this process may change. Not for several threads at once.

    Attributes:
        state: The result of all entries so far.
    """

    def __init__(self, trees: Trees, journal: Journal, clock: Now, by: str) -> None:
        self.state: State = State()
        self._trees = trees
        self._journal = journal
        self._clock = clock
        self._by = by
        self._settled = Settled(trees.quarantine)
        self._unfinished: tuple[Move, ...] = ()

    def recover(self, report: Report) -> None:
        """Read the journal, and finish what its last entry started.

        Raises:
            BadInputError: If the journal can't be used.
            FileAccessError: If a file can't be moved.
        """
        entries = self._journal.read()
        self.state = _replayed(self._trees, entries)
        if not entries or self._settled.read() == self.state.n_entries:
            return
        for move in moves_of(self.state, entries[-1]):
            finish_move(self._trees, move, report)
        self._settled.write(self.state.n_entries)

    def file_of(self, place: Place) -> Path:
        """Where the file of a place is, or would be."""
        return self._trees.file(place)

    def apply(self, choices: Sequence[Choice]) -> Decided:
        """Carry out choices as one entry, which is undone as one.

        Raises:
            DecisionError: If some can't be carried out; nothing was changed.
            FileAccessError: If a file can't be moved. The decision stands, and is carried out when
                that becomes possible.
        """
        self._settle()
        changes = plan_changes(self._trees, self.state, choices)
        entry = Decided(
            number=self.state.n_entries + 1, at=self._clock(), by=self._by, changes=changes
        )
        self._enter(entry)
        return entry

    def undo(self) -> Undone | None:
        """Undo the last entry that applies; None if there is none.

        Raises:
            DecisionError: If a file is gone or its old place is taken; nothing was changed.
            FileAccessError: As for `apply`.
        """
        self._settle()
        if not self.state.done:
            return None
        last = self.state.done[-1].number
        number = self.state.n_entries + 1
        entry = Undone(number=number, at=self._clock(), by=self._by, of=last)
        check_moves(self._trees, moves_of(self.state, entry))
        self._enter(entry)
        return entry

    def redo(self) -> Redone | None:
        """Redo what was undone last; None if there is nothing.

        Raises:
            DecisionError: As for `undo`.
            FileAccessError: As for `apply`.
        """
        self._settle()
        if not self.state.undone:
            return None
        last = self.state.undone[-1].number
        number = self.state.n_entries + 1
        entry = Redone(number=number, at=self._clock(), by=self._by, of=last)
        check_moves(self._trees, moves_of(self.state, entry))
        self._enter(entry)
        return entry

    def _enter(self, entry: Decided | Undone | Redone) -> None:
        """Write an entry, and then move its files."""
        moves = moves_of(self.state, entry)
        self._journal.append(entry)
        self.state = after(self.state, entry)
        self._unfinished = moves
        self._settle()
        self._settled.write(entry.number)

    def _settle(self) -> None:
        """Move the files that are still to be moved."""
        while self._unfinished:
            move_file(self._trees, self._unfinished[0])
            self._unfinished = self._unfinished[1:]


def default_quarantine(images: Path) -> Path:
    """The default quarantine, beside a folder of images.

    Raises:
        BadInputError: If the folder is the root of a disk.
    """
    resolved = images.resolve()
    if not resolved.name:
        fault = "it is the root of a disk; name the folder around the class folders"
        raise bad_folder_error(images, [fault])
    return resolved.with_name(f"{resolved.name}-quarantine")


def check_begun(trees: Trees) -> None:
    """Make sure that there is a quarantine already.

    Raises:
        BadInputError: If there are no images, or no quarantine.
    """
    list_class_folders(trees.images, extensions=())
    if not is_quarantine(trees.quarantine):
        raise BadInputError(
            what=f"There is nothing to put back into {quote(str(trees.images))}: this is not a "
            "quarantine of pipeline clean",
            where=str(trees.quarantine),
            advice="if photos were removed to another folder, name it with --quarantine",
        )


def check_apart(trees: Trees) -> None:
    """Make sure that the quarantine is not, and would not be, a class.

    Raises:
        UsageError: If it is inside the images' folder.
    """
    quarantine = trees.quarantine.resolve()
    if trees.images.resolve() in (quarantine, *quarantine.parents):
        raise UsageError(
            what=f"--quarantine is inside the images' folder {quote(str(trees.images))}, where "
            "it would look like a class",
            where=str(trees.quarantine),
            advice="name a folder outside of it, on the same disk",
        )


def read_state(trees: Trees) -> State:
    """What was decided so far; nothing where there is no quarantine. Changes and locks nothing.

    Raises:
        BadInputError: If the journal can't be used.
        FileAccessError: If it can't be read.
    """
    return _replayed(trees, Journal(trees.quarantine, trees.images).peek())


@contextmanager
def open_quarantine(trees: Trees, report: Report, clock: Now, *, by: str) -> Iterator[Quarantine]:
    """The quarantine of a folder of images, locked, and with nothing left unfinished.

    Args:
        trees: The folder of class folders, and its quarantine, which is made if it isn't there.
        report: Called with each line about what was left unfinished.
        clock: Returns the time for an entry, with its zone.
        by: Who decides, for the journal: a command or a person.

    Raises:
        BadInputError: If there are no images, or if its journal can't be used.
        UsageError: If the quarantine is inside the images' folder.
        MachineError: If another process has it open.
        FileAccessError: If a file can't be read, written or moved.
    """
    list_class_folders(trees.images, extensions=())
    check_apart(trees)
    try:
        trees.quarantine.mkdir(parents=True, exist_ok=True)
        lock = FileLock(trees.quarantine / _LOCK_NAME, timeout=0, thread_local=False)
        lock.acquire()
    except Timeout as error:
        raise MachineError(
            what="Another pipeline clean or restore is using the quarantine",
            where=str(trees.quarantine),
            advice="wait until it ends, or end it, and try again",
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileAccessError(path=trees.quarantine, reason=reason) from error
    try:
        _check_disk(trees)
        quarantine = Quarantine(trees, Journal(trees.quarantine, trees.images), clock, by)
        quarantine.recover(report)
        yield quarantine
    finally:
        lock.release()


def _replayed(trees: Trees, entries: Sequence[Decided | Undone | Redone]) -> State:
    try:
        return replay(entries)
    except ValueError as error:
        path = trees.quarantine / JOURNAL_NAME
        raise journal_error(path, [str(error)]) from error


def _check_disk(trees: Trees) -> None:
    """Make sure that files can be moved in one step, which is possible only on one disk."""
    if trees.images.stat().st_dev != trees.quarantine.stat().st_dev:
        reason = f"it is not on the same disk as {quote(str(trees.images))}; name a folder that is"
        raise FileAccessError(path=trees.quarantine, reason=reason)
