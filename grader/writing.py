"""What an error of writing a file means to whoever runs the command."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import BadInputError, MachineError


@contextmanager
def write_errors(path: Path, *, option: str) -> Iterator[None]:
    """Translate the errors of writing inside the block.

    Args:
        path: The file or folder that is written.
        option: The option that named it, such as --out.

    Raises:
        BadInputError: If it exists and is not replaced, or can't be written.
        MachineError: If the disk is full.
    """
    try:
        yield
    except FileExistsError as error:
        raise BadInputError(
            what="The file exists already",
            where=str(path),
            advice=f"move it away, or give another name with {option}",
        ) from error
    except OSError as error:
        is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        advice = "free some space, or" if is_full else "check the path, or"
        raise (MachineError if is_full else BadInputError)(
            what=f"It can't be written ({error.strerror or error})",
            where=str(path),
            advice=f"{advice} give another one with {option}",
        ) from error
