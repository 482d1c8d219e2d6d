"""Errors of the pipeline. Each one says what is wrong, where, and what to do next.

Every error that a user can cause or meet is a `PipelineError` and carries its exit code; anything
else that escapes is a bug and keeps its traceback.
"""

import sys
from pathlib import Path
from typing import Self

from hidden_test_spec.errors import ExpectedError, quote


class PipelineError(ExpectedError):
    """The base: an expected failure of one command."""


class UsageError(PipelineError):
    """An option's value is wrong, no matter what the files hold."""

    exit_code = 2


class BadInputError(PipelineError):
    """The files that were given can't be used."""

    exit_code = 3


class MachineError(PipelineError):
    """This machine can't do it: no such device, no room, no weights."""

    exit_code = 6


class InterruptionError(PipelineError):
    """The user stopped a command."""

    exit_code = 130


class MissingLibraryError(MachineError):
    """A library of an extra isn't installed."""

    def __init__(self, *, library: str, extra: str, needed_by: str | None = None) -> None:
        """Build the message.

        Args:
            library: Its name.
            extra: What to install to get it; several extras are separated by commas.
            needed_by: The option that needs it; None if the whole command does.
        """
        need = "" if needed_by is None else f", which {needed_by} needs"
        super().__init__(
            what=f"{library} is not installed{need}",
            where=sys.prefix,
            advice=f'install it with: python -m pip install "classifier-grader[{extra}]"',
        )


class FileAccessError(MachineError):
    """A file or folder can't be read or written."""

    def __init__(self, *, path: Path, reason: str) -> None:
        """Build the message from its path and the system's reason."""
        super().__init__(
            what=f"It can't be read or written ({reason})",
            where=str(path),
            advice="check that the disk has room and that you may write there, then try again",
        )

    @classmethod
    def of(cls, error: OSError, *, path: Path) -> Self:
        """The error about a file for what the system says of it."""
        return cls(path=path, reason=error.strerror or str(error))


class WeightsError(MachineError):
    """The pretrained weights that were asked for are unavailable."""

    def __init__(self, *, architecture: str, reason: str, remedy: str) -> None:
        """Build the message; the remedy is the first of its suggestions."""
        super().__init__(
            what=f"The pretrained weights of {quote(architecture)} are unavailable: {reason}",
            where=f"--arch {architecture}",
            advice=f"{remedy}, or use --arch tf_efficientnet_lite0, whose weights come with the "
            "pipeline extra; random weights are used only with --weights random",
        )


class TrainingDivergedError(BadInputError):
    """The loss is no longer a number."""

    def __init__(self, *, stage: str, epoch: int) -> None:
        """Build the message, and keep the stage and the epoch."""
        self.stage = stage
        self.epoch = epoch
        super().__init__(
            what="Training diverged: the validation loss is not a number after this epoch",
            where=f"epoch {epoch} of the {stage}",
            advice="try another --arch, a larger --batch-size, or more images",
        )
