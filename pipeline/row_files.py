"""Files that only grow, one JSON value per line, and can be cut off anywhere without harm."""

from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from hidden_test_spec.durable import append_durably, cut_torn_line, read_whole_lines
from hidden_test_spec.errors import list_faults
from pipeline.errors import BadInputError

_Row = TypeVar("_Row", bound=BaseModel)


class RowFile(Generic[_Row]):
    """Rows of one kind in a file. A row counts once its line is complete."""

    def __init__(self, path: Path, kind: type[_Row]) -> None:
        self._path = path
        self._kind = kind

    def read(self) -> tuple[_Row, ...]:
        """The complete rows. A last line that was cut off is removed from the file.

        Raises:
            BadInputError: If a complete line is not a valid row.
        """
        cut_torn_line(self._path)
        rows, faults = [], []
        for number, line in enumerate(read_whole_lines(self._path).split(b"\n")[:-1], start=1):
            try:
                rows.append(self._kind.model_validate_json(line))
            except ValidationError as error:
                faults.append(f"line {number}: {error.errors()[0]['msg']}")
        if faults:
            raise BadInputError(
                what=f"The manifest can't be used:{list_faults(faults)}",
                where=str(self._path),
                advice="if a scrape was cut off, run it again with --resume, which repairs the end "
                "of the file",
            )
        return tuple(rows)

    def append(self, row: _Row) -> None:
        """Add one row, and wait until it is on disk."""
        append_durably(self._path, f"{row.model_dump_json()}\n")
