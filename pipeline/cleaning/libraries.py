"""The libraries of the clean extra, loaded when a check needs them."""

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
