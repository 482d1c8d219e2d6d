"""What is left of a run that does not reach its end."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.begun import forget_begun
from pipeline.errors import InterruptedRunError, PipelineError


@contextmanager
def interruptible(out: Path) -> Iterator[None]:
    """Turn Ctrl-C into an error that says what is kept."""
    try:
        yield
    except KeyboardInterrupt:
        kept = _kept(out)
        if not kept:
            forget_begun(out)
        raise InterruptedRunError(out=out, kept=kept) from None


@contextmanager
def forgotten_on_error(out: Path) -> Iterator[None]:
    """If the block fails before anything is worth keeping, let the same command be given again."""
    try:
        yield
    except PipelineError:
        if not _kept(out):
            forget_begun(out)
        raise


@contextmanager
def removed_on_error(folder: Path) -> Iterator[None]:
    """Leave nothing behind if the block fails for a reason that the user can mend."""
    try:
        yield
    except PipelineError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _kept(out: Path) -> tuple[str, ...]:
    """What a run left that is worth something to the user, below its folder."""
    entries = (path for path in out.glob("*") if path.name != "models")
    weights = (path for path in out.glob("models/*.pth") if path.name != "resume.pth")
    return tuple(sorted(path.relative_to(out).as_posix() for path in (*entries, *weights)))
