"""What checks found out about photos, by the SHA-256 of their files, kept from audit to audit.

So an audit of photos that were looked at before takes seconds, whichever command makes it and
wherever the photos were moved; ten new photos cost ten photos. A memory that can't be used is as
good as an empty one: nothing is ever lost with it except time.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TypeVar

_TABLE = (
    "CREATE TABLE IF NOT EXISTS known (topic TEXT, sha256 TEXT, value BLOB, "
    "PRIMARY KEY (topic, sha256)) WITHOUT ROWID"
)
_FIND = "SELECT sha256, value FROM known WHERE topic = ? AND sha256 IN ({marks})"
_AT_ONCE = 500
_KEPT_EVERY = 32
_WAIT_S = 5.0
_One = TypeVar("_One")


def default_memory() -> Path:
    """Where audits remember: a file of the user's, unless PIPELINE_CACHE names another folder."""
    named = os.environ.get("PIPELINE_CACHE")
    folder = Path(named) if named else Path.home() / ".cache" / "classifier-grader"
    return folder / "audits.sqlite3"


class Memory:
    """What is known about photos, in one file; without a file, nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def each(
        self, hashes: Sequence[str], topic: str, find: Callable[[Sequence[int]], Iterable[bytes]]
    ) -> tuple[bytes, ...]:
        """What is known of each photo under a topic; what isn't is found out, and remembered.

        Args:
            hashes: The SHA-256 of each photo's file.
            topic: What is asked, with whatever else the answer depends on.
            find: Answers for the photos at these positions, in their order; not called for none.
        """
        known = self._recall(topic, set(hashes))
        first = {sha256: at for at, sha256 in reversed([*enumerate(hashes)])}
        missing = sorted(at for sha256, at in first.items() if sha256 not in known)
        if missing:
            answers = zip(missing, find(missing), strict=True)
            for some in _batches(answers, _KEPT_EVERY):
                found = {hashes[at]: answer for at, answer in some}
                self._remember(topic, found)
                known |= found
        return tuple(known[sha256] for sha256 in hashes)

    def _recall(self, topic: str, hashes: set[str]) -> dict[str, bytes]:
        known: dict[str, bytes] = {}

        def look(file: sqlite3.Connection) -> None:
            for some in _batches(sorted(hashes), _AT_ONCE):
                question = _FIND.format(marks=",".join("?" * len(some)))
                known.update(file.execute(question, (topic, *some)))

        self._open_for(look)
        return known

    def _remember(self, topic: str, found: Mapping[str, bytes]) -> None:
        rows = [(topic, sha256, value) for sha256, value in found.items()]

        def write(file: sqlite3.Connection) -> None:
            file.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", rows)
            file.commit()

        self._open_for(write)

    def _open_for(self, action: Callable[[sqlite3.Connection], None]) -> None:
        """Do something with the file, if there is one; what goes wrong with it is no error."""
        if self._path is None:
            return
        with contextlib.suppress(OSError, sqlite3.Error):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_WAIT_S)) as file:
                file.execute(_TABLE)
                action(file)


def _batches(items: Iterable[_One], n: int) -> Iterator[list[_One]]:
    """The items in lists of n, the last one shorter."""
    rest = iter(items)
    while some := list(islice(rest, n)):
        yield some
