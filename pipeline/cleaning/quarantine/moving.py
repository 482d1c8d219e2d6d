"""The moves of files that a journal lists: made, or finished after a process was killed."""

import contextlib
from pathlib import Path

from hidden_test_spec.durable import sync_folder
from hidden_test_spec.errors import quote
from hidden_test_spec.images import sha256_of
from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.quarantine.state import Move
from pipeline.errors import FileAccessError
from pipeline.progress import Report

_SETTLED_NAME = ".settled"


class Settled:
    """The number of the last entry whose files are known to be moved, in a file of the quarantine.

    Without it, a photo that was put back by hand could not be told from one that a killed process
    had not moved yet. If it is lost, the files themselves are checked.
    """

    def __init__(self, quarantine: Path) -> None:
        self._path = quarantine / _SETTLED_NAME

    def read(self) -> int | None:
        """The number; None if it isn't known."""
        try:
            return int(self._path.read_text("ascii"))
        except (OSError, ValueError):
            return None

    def write(self, number: int) -> None:
        """Note that the files of an entry are moved; if that can't be written, it stays unknown."""
        with contextlib.suppress(OSError):
            self._path.write_text(f"{number}\n", "ascii")


def move_file(trees: Trees, move: Move) -> None:
    """Move a file to its new place in one step, which is on the disk when this returns.

    Raises:
        FileAccessError: If it can't be moved, or another file is in the way.
    """
    source, target = trees.file(move.source), trees.file(move.target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise FileAccessError(path=target, reason="it is in the way; move it elsewhere")
        source.rename(target)
        sync_folder(target.parent)
        sync_folder(source.parent)
    except OSError as error:
        raise FileAccessError.of(error, path=source) from error


def finish_move(trees: Trees, move: Move, report: Report) -> None:
    """Move a file, unless that was done before the process ended.

    The photo is recognized by its hash: another one that has taken either name stays where it is.

    Raises:
        FileAccessError: If it can't be moved, or another file is in the way.
    """
    source, target = trees.file(move.source), trees.file(move.target)
    if not _is_photo(source, move):
        if not target.exists():
            report(f"Note: {quote(str(target))} is gone, though nobody decided that")
    elif not target.exists():
        move_file(trees, move)
        report(f"Finished an interrupted move: {quote(str(source))} is now {quote(str(target))}")
    elif not _is_photo(target, move):
        reason = f"it is in the way of {quote(str(source))}; move it elsewhere"
        raise FileAccessError(path=target, reason=reason)


def _is_photo(path: Path, move: Move) -> bool:
    """Whether a file is there, and is the photo of a move."""
    try:
        return path.is_file() and sha256_of(path) == move.sha256
    except OSError as error:
        raise FileAccessError.of(error, path=path) from error
