"""What every command shares: how it reports progress, and how an error becomes an exit code."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from hidden_test_spec.errors import SpecError
from pipeline.errors import BadInputError, InterruptionError, PipelineError
from pipeline.progress import Report, log_listener


@contextmanager
def edge() -> Iterator[Report]:
    """The listener for progress; expected errors become a message and an exit code."""
    # Importing fastai with a newer torch causes this; a student can do nothing about it.
    warnings.filterwarnings("ignore", message=".*torch.jit.script.* is deprecated")
    # Pillow's complaints about a photo's metadata: the image itself was decoded and checked.
    warnings.filterwarnings("ignore", module="PIL")
    try:
        with _listener() as report:
            yield report
    except SpecError as error:
        say(f"Error: {error}")
        raise typer.Exit(BadInputError.exit_code) from error
    except InterruptionError as error:
        say(str(error))
        raise typer.Exit(error.exit_code) from error
    except PipelineError as error:
        say(f"Error: {error}")
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        say("Interrupted.")
        raise typer.Exit(InterruptionError.exit_code) from None


def say(line: str) -> None:
    """Write a line about the work, or an error, to stderr."""
    typer.echo(line, err=True)


@contextmanager
def _listener() -> Iterator[Report]:
    """Where progress goes: plain lines; on a terminal also the running step, drawn below them."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield log_listener(say, time.monotonic)
        return
    from pipeline.cli.terminal import terminal_listener

    with terminal_listener(console) as report:
        yield report
