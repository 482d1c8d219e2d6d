"""A file that only grows: a line that says whose journal it is, and one line for each entry.

A line counts once it is complete. One that was cut off, by a crash or a full disk, is removed when
the journal is opened: nothing that it describes had been started.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from hidden_test_spec.durable import append_durably, cut_torn_line, read_whole_lines
from hidden_test_spec.errors import list_faults
from pipeline.cleaning.quarantine.entries import Decided, Redone, Undone, entry_line, parse_entry
from pipeline.errors import BadInputError, FileAccessError
from pipeline.folders import JOURNAL_NAME

_VERSION = 1


class Journal:
    """The journal of one folder of images, in its quarantine.

    Args:
        quarantine: An existing folder.
        images: The folder whose photos are decided about.
    """

    def __init__(self, quarantine: Path, images: Path) -> None:
        self._path = quarantine / JOURNAL_NAME
        self._header = {
            "journal": _VERSION,
            # Both folders may be moved together.
            "images": Path(os.path.relpath(images.resolve(), quarantine.resolve())).as_posix(),
        }

    def read(self) -> tuple[Decided | Undone | Redone, ...]:
        """The complete entries; a new journal is started where there is none.

        Raises:
            BadInputError: If a complete line is not an entry, or the journal is another folder's.
            FileAccessError: If it can't be read or written.
        """
        try:
            self._repair()
        except OSError as error:
            raise FileAccessError.of(error, path=self._path) from error
        return self.peek()

    def peek(self) -> tuple[Decided | Undone | Redone, ...]:
        """The complete entries, without changing anything; none where there is no journal.

        Raises:
            BadInputError: As for `read`.
            FileAccessError: If it can't be read.
        """
        try:
            whole = read_whole_lines(self._path)
        except OSError as error:
            raise FileAccessError.of(error, path=self._path) from error
        lines = whole.decode("ascii", "replace").splitlines()
        if not lines:
            return ()
        self._check_header(lines[0])
        entries, faults = [], []
        for number, line in enumerate(lines[1:], start=2):
            try:
                entries.append(parse_entry(line))
            except ValueError:
                faults.append(f"line {number} is not a journal entry")
        if faults:
            raise journal_error(self._path, faults)
        return tuple(entries)

    def append(self, entry: Decided | Undone | Redone) -> None:
        """Add an entry, and wait until it is on the disk.

        Raises:
            FileAccessError: If it can't be written; a part that was written is cut off again.
        """
        try:
            append_durably(self._path, entry_line(entry))
        except OSError as error:
            raise FileAccessError.of(error, path=self._path) from error

    def _repair(self) -> None:
        """Cut off a torn line, and start a journal where there is none."""
        cut_torn_line(self._path)
        if not read_whole_lines(self._path):
            append_durably(self._path, f"{json.dumps(self._header)}\n")

    def _check_header(self, line: str) -> None:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if found == self._header:
            return
        fault = "its first line is not that of a journal"
        if isinstance(found, dict) and isinstance(found.get("images"), str):
            fault = f"it belongs to another folder of images, {found['images']}"
        raise journal_error(self._path, [fault])


def journal_error(path: Path, faults: Sequence[str]) -> BadInputError:
    """An error with everything that is wrong with a journal."""
    return BadInputError(
        what=f"The journal can't be used, and nothing was changed:{list_faults(faults)}",
        where=str(path),
        advice="fix the file by hand, or move the quarantine elsewhere and put its photos back "
        "yourself",
    )
