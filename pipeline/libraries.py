"""The libraries of extras, loaded when a command or a check needs them, and their threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pipeline.errors import MissingLibraryError


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Within the block a library that can't be imported is an error that names its extra.

    Raises:
        MissingLibraryError: If a library isn't installed.
    """
    try:
        yield
    except ImportError as error:
        library = (error.name or "A library").partition(".")[0]
        raise MissingLibraryError(library=library, extra=extra) from error


def load_library(module: str) -> Any:
    """A module of a library of the extra clean.

    Raises:
        MissingLibraryError: If the library isn't installed.
    """
    with needing("clean"):
        return import_module(module)


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block numerical libraries use one thread.

    On matrices of a few hundred photos more threads wait for each other longer than they work: a
    classifier took 26 s of two cores instead of 0.4 s of one.
    """
    with load_library("threadpoolctl").threadpool_limits(1):
        yield
