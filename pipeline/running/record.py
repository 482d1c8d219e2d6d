"""The options and images that a run was begun with, kept beside its weights until it is done.

A run goes on only in its own folder, with the same options and images.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from hidden_test_spec.durable import write_atomically
from hidden_test_spec.errors import quote, quote_all
from pipeline.errors import FileAccessError, InterruptionError, PipelineError
from pipeline.folders import check_new, check_outside
from pipeline.training.errors import not_resumable_error, other_run_error

_NAME: Final = "models/begun.json"


def check_place(out: Path, images: Path) -> None:
    """Make sure, before any work is done, that a folder can be made and filled.

    Args:
        out: The folder.
        images: The folder of images, which it must not lie in.

    Raises:
        BadInputError: If its name is taken.
        UsageError: If it is inside the folder of the images.
        FileAccessError: If nothing can be written there.
    """
    check_new(out)
    check_outside(out, images)
    place = out.absolute()
    nearest = next(path for path in (place, *place.parents) if path.exists())
    if not nearest.is_dir():
        raise FileAccessError(path=nearest, reason="it is a file, not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise FileAccessError(path=nearest, reason="you may not write there")


def write_begun(out: Path, record: Mapping[str, Any]) -> None:
    """Record what a run is begun with in its folder; the folder is created if missing.

    Raises:
        FileAccessError: If nothing can be written there.
    """
    path = out / _NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(record, indent=2) + "\n")
    except OSError as error:
        raise FileAccessError.of(error, path=out) from error


def read_begun(out: Path) -> dict[str, Any]:
    """What the run in a folder was begun with.

    Raises:
        BadInputError: If there is no run that could go on.
    """
    path = out / _NAME
    if not out.is_dir():
        raise not_resumable_error(out, "there is no such folder")
    if not path.exists():
        is_finished = (out / "fine_tuned.pkl").exists()
        problem = "its run is finished" if is_finished else "no run was started there"
        raise not_resumable_error(out, problem)
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise not_resumable_error(out, f"{quote(_NAME)} can't be read") from error
    if not isinstance(record, dict):
        raise not_resumable_error(out, f"{quote(_NAME)} is not a record")
    return record


def check_same(out: Path, begun: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """Make sure that a run goes on with what it was begun with, as far as both records show.

    Raises:
        BadInputError: If they differ; lists every difference.
    """
    now = json.loads(json.dumps(record))
    others = {name: begun[name] for name in begun.keys() & now.keys() if begun[name] != now[name]}
    if others:
        raise other_run_error(out, others)


def forget_begun(out: Path) -> None:
    """Remove the note, and the folder too if it holds nothing else."""
    with suppress(OSError):
        (out / _NAME).unlink()
        (out / _NAME).parent.rmdir()
        out.rmdir()


@contextmanager
def interruptible(out: Path) -> Iterator[None]:
    """Turn Ctrl-C into an error that says what is kept."""
    try:
        yield
    except KeyboardInterrupt:
        kept = _kept(out)
        if not kept:
            forget_begun(out)
        again = "to go on, run the same command with --resume" if kept else "start again"
        raise InterruptionError(
            what=f"Interrupted; {f'{quote_all(kept)} are' if kept else 'nothing is'} kept",
            where=str(out),
            advice=again,
        ) from None


@contextmanager
def forgotten_on_error(out: Path) -> Iterator[None]:
    """If the block fails before anything is worth keeping, let the same command be run again."""
    try:
        yield
    except PipelineError:
        if not _kept(out):
            forget_begun(out)
        raise


@contextmanager
def removed_on_error(folder: Path) -> Iterator[None]:
    """Leave nothing behind if the block fails for a reason that the user can fix."""
    try:
        yield
    except PipelineError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _kept(out: Path) -> tuple[str, ...]:
    """The files in a run's folder that are worth keeping for the user."""
    entries = (path for path in out.glob("*") if path.name != "models")
    weights = (path for path in out.glob("models/*.pth") if path.name != "resume.pth")
    return tuple(sorted(path.relative_to(out).as_posix() for path in (*entries, *weights)))
