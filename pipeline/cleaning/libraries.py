"""The libraries of the clean extra, loaded when a check needs them, and their threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pipeline.cleaning.errors import MissingLibraryError


def load_library(module: str) -> Any:
    """A module of an optional library.

    Raises:
        MissingLibraryError: If the library isn't installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingLibraryError(library=module.partition(".")[0]) from error


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block numerical libraries use one thread.

    On matrices of a few hundred photos more threads wait for each other longer than they work: a
    classifier took 26 s of two cores instead of 0.4 s of one.
    """
    with load_library("threadpoolctl").threadpool_limits(1):
        yield
