"""The libraries of extras, loaded when a command or a check needs them, and their threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pipeline.errors import MissingLibraryError


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Within the block, turn a failed import into an error that names the library's extra.

    Raises:
        MissingLibraryError: If a library isn't installed.
    """
    try:
        yield
    except ImportError as error:
        library = (error.name or "A library").partition(".")[0]
        raise MissingLibraryError(library=library, extra=extra) from error


def load_library(module: str) -> Any:
    """Import a module of a library that belongs to the extra clean.

    Raises:
        MissingLibraryError: If the library isn't installed.
    """
    with needing("clean"):
        return import_module(module)


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block, numerical libraries use one thread.

    On matrices of a few hundred photos, more threads spend longer waiting for each other than
    working: a classifier took 26 s of two cores instead of 0.4 s of one.
    """
    with load_library("threadpoolctl").threadpool_limits(1):
        yield
