"""The error of reading an export: what is wrong with it, where, and what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import ModelRefusedError
from hidden_test_spec.errors import plain

EXPORT_AGAIN = "export again with learn.export() and hand in that file as it is"


class RefusedExportError(ModelRefusedError):
    """The export is refused and read no further. Nothing of it was imported, called or set."""

    def __init__(
        self, *, what: str, where: str, advice: str = EXPORT_AGAIN, path: Path | None = None
    ) -> None:
        """Build the message.

        Args:
            what: What is wrong, as a clause without its full stop. It may hold names of the file;
                their control characters are escaped in the message.
            where: The part of the file: a member, an offset, a path into the object.
            advice: What to do next, without its full stop.
            path: The file; `naming` fills it in.
        """
        self.reason = what
        self.part = where
        self.path = path
        super().__init__(
            what=f"The export is refused: {plain(what)}",
            where=where if path is None else f"{path}, {where}",
            advice=advice,
        )


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Make refusals that are raised inside the block name this file.

    Raises:
        RefusedExportError: The one raised inside, with the path in its message.
    """
    try:
        yield
    except RefusedExportError as error:
        if error.path is not None:
            raise
        raise RefusedExportError(
            what=error.reason, where=error.part, advice=error.advice, path=path
        ) from error
