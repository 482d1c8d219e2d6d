"""An export read as data, for commands: a path that can't be read is bad input."""

from pathlib import Path

from grader.errors import BadInputError
from grader.loading.export import inspect_export
from grader.loading.inspection import Inspection


def inspect_file(path: Path) -> Inspection:
    """Say what an export is without loading it.

    Raises:
        BadInputError: If there is no such file, or it can't be read.
        RefusedExportError: If it is no export that can be read as data.
    """
    try:
        return inspect_export(path)
    except OSError as error:
        raise BadInputError(
            what=f"The model file can't be read ({error.strerror or error})",
            where=str(path),
            advice="check the path; it must be the .pkl that learn.export() wrote",
        ) from error
