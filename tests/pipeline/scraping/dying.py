"""`pipeline scrape` that kills its own process at a named step: `python -m ... STEP N OPTIONS`.

The process dies by SIGKILL, as from the kernel's hand: nothing is flushed, closed or cleaned up.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from pipeline import row_files
from pipeline.cli.scrape import scrape
from pipeline.manifest import JSON_LINES_NAME
from pipeline.scraping import store
from pipeline.scraping.fetching import Fetcher
from pipeline.scraping.store import Store


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(owner: Any, name: str, n: int) -> None:
    """Die after the n-th call."""
    original: Callable[..., Any] = getattr(owner, name)
    calls: list[None] = []

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        calls.append(None)
        if len(calls) == n:
            _die()
        return result

    setattr(owner, name, wrapped)


def _before(owner: Any, name: str, n: int) -> None:
    """Die before the n-th call."""
    original: Callable[..., Any] = getattr(owner, name)
    calls: list[None] = []

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        calls.append(None)
        if len(calls) == n:
            _die()
        return original(*args, **kwargs)

    setattr(owner, name, wrapped)


def _in_the_middle_of_a_row(n: int) -> None:
    """Die when half of the n-th row of the manifest is on the disk."""
    owner: Any = row_files
    original = owner.append_durably
    rows: list[str] = []

    def wrapped(path: Path, text: str) -> None:
        rows.extend([text] if path.name == JSON_LINES_NAME else [])
        if len(rows) < n:
            original(path, text)
            return
        original(path, text[: len(text) // 2])
        _die()

    owner.append_durably = wrapped


STEPS: dict[str, Callable[[int], None]] = {
    "a page of results is known": lambda n: _after(Store, "add_page", n),
    "a photo is about to be fetched": lambda n: _before(Fetcher, "photo", n),
    "a photo is fetched": lambda n: _after(Fetcher, "photo", n),
    "its bytes are put aside": lambda n: _after(Store, "stage", n),
    "they are named after the photo": lambda n: _after(store, "rename_durably", n),
    "half of its row is written": _in_the_middle_of_a_row,
    "its row is written": lambda n: _before(store, "append_durably", n),
    "its CSV row is written": lambda n: _after(store, "append_durably", n),
    "it is in its place": lambda n: _after(Store, "keep", n),
    "a photo is refused": lambda n: _after(Store, "refuse", n),
}

if __name__ == "__main__":
    step, number, *options = sys.argv[1:]
    STEPS[step](int(number))
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(scrape)
    app(options)
