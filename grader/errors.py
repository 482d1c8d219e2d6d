"""The expected errors of grading: one class for each exit code, every message in three parts."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hidden_test_spec.errors import ExpectedError

# What code of libraries raises where an export's numbers lead it somewhere that nobody expected;
# lack of memory is the machine's fault and isn't among them.
LIBRARY_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_MAX_REASON_CHARACTERS = 300


def reason_of(error: BaseException) -> str:
    """What a library says about an error, in one line that is not too long for a message."""
    said = " ".join(str(error)[: 2 * _MAX_REASON_CHARACTERS].split())[:_MAX_REASON_CHARACTERS]
    return said or type(error).__name__


class GraderError(ExpectedError):
    """Grading can't go on, for a reason that somebody can fix."""

    exit_code = 3


class BadInputError(GraderError):
    """What the instructor gave can't be graded against: paths, the test folder, the spec."""

    exit_code = 3


class ModelRefusedError(GraderError):
    """The submitted file can't be graded."""

    exit_code = 4


class MachineError(GraderError):
    """This machine can't do what was asked: no such device, not enough memory, disk full."""

    exit_code = 6


class UnreadableImageError(Exception):
    """An image file that can't be decoded. It never ends a run."""

    def __init__(self, *, reason: str) -> None:
        """Keep the reason, one line of text."""
        self.reason = " ".join(reason.split())
        super().__init__(self.reason)


def is_disk_full(error: OSError) -> bool:
    """Whether the disk, or the user's share of it, has no room left."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def write_errors(path: Path, *, option: str) -> Iterator[None]:
    """Translate errors of writing that are raised inside the block.

    Args:
        path: The file or folder that is written.
        option: The option that named it, such as --out.

    Raises:
        BadInputError: If it exists and must not be replaced, or can't be written.
        MachineError: If the disk is full.
    """
    try:
        yield
    except FileExistsError as error:
        raise BadInputError(
            what="The file exists already",
            where=str(path),
            advice=f"move it away, or choose another name with {option}",
        ) from error
    except OSError as error:
        is_full = is_disk_full(error)
        advice = "free some space, or" if is_full else "check the path, or"
        raise (MachineError if is_full else BadInputError)(
            what=f"It can't be written ({error.strerror or error})",
            where=str(path),
            advice=f"{advice} choose another one with {option}",
        ) from error
