"""What every command shares: how it prints, and how an expected error becomes an exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from io import TextIOWrapper
from typing import TYPE_CHECKING

import typer

from grader.errors import GraderError, is_disk_full
from hidden_test_spec.errors import SpecError

if TYPE_CHECKING:
    from rich.console import RenderableType

BAD_INPUT, MODEL_REFUSED, BELOW_RUBRIC, MACHINE_CANT, INTERRUPTED = 3, 4, 5, 6, 130
_PIPED_WIDTH = 120


class Format(StrEnum):
    """What is printed on stdout."""

    TEXT = "text"
    JSON = "json"


def print_text(text: "RenderableType") -> None:
    """Write a report to stdout: as wide as the terminal, or of a fixed width if there is none."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(text)


def say(line: str, style: str = "") -> None:
    """Write a line about the work, or an error, to stderr."""
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text(line, style=style))


@contextmanager
def errors_as_exit_codes() -> Iterator[None]:
    """The one error boundary: an expected error is a message and an exit code, no traceback.

    From here on, text that UTF-8 can't hold is escaped on stdout rather than an error.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        yield
    except GraderError as error:
        say(f"Error: {error}", "red")
        raise typer.Exit(error.exit_code) from error
    except SpecError as error:
        say(f"Error: {error}", "red")
        raise typer.Exit(BAD_INPUT) from error
    except OSError as error:
        if not is_disk_full(error):
            raise
        # What is left in the buffer would fail again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        say(f"Error: the output can't be written ({error.strerror}); free some space", "red")
        raise typer.Exit(MACHINE_CANT) from error
    except KeyboardInterrupt as error:
        say("Interrupted before the report was complete; run the command again.")
        raise typer.Exit(INTERRUPTED) from error
