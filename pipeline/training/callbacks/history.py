"""Callbacks that watch a fit, and the stream that catches what fastai prints during one.

They belong to one fit: fastai takes them off the learner when it ends, so that an export holds
none of our classes.
"""

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import Literal

from fastai.callback.core import Callback

from hidden_test_spec.sidecar import Epoch
from pipeline.errors import TrainingDivergedError
from pipeline.progress import Milestone, Report, counter

Phase = Literal["first_stage", "fine_tune_frozen", "fine_tune"]

_AFTER_RECORDER = 55


class EpochHistory(Callback):  # type: ignore[misc] # fastai has no types
    """Keeps and reports one line per epoch; each fit in turn is the next phase of `phases`."""

    order = _AFTER_RECORDER

    def __init__(self, phases: tuple[Phase, ...], report: Report) -> None:
        self.epochs: list[Epoch] = []
        self._phases = iter(phases)
        self._report = report

    def before_fit(self) -> None:
        """Start the next phase."""
        self._phase = next(self._phases)

    def before_epoch(self) -> None:
        """Start the clock."""
        self._start = time.perf_counter()
        self._tell: Callable[[int], None] | None = None

    def after_batch(self) -> None:
        """Tell how far the fit is, within an epoch too."""
        if not self.training:
            return
        if self._tell is None:
            title = f"{self._phase} epoch {self.learn.epoch + 1}/{self.learn.n_epoch}: batch"
            self._tell = counter(self.learn.n_iter, title, self._report)
        self._tell(self.learn.iter + 1)

    def after_epoch(self) -> None:
        """Keep and report the epoch's values, as fastai's recorder took them."""
        train_loss, valid_loss, accuracy = (float(value) for value in self.learn.final_record)
        if not (math.isfinite(train_loss) and math.isfinite(valid_loss)):
            raise TrainingDivergedError(stage=self._phase, epoch=self.learn.epoch + 1)
        epoch = Epoch(
            phase=self._phase,
            epoch=self.learn.epoch,
            train_loss=train_loss,
            valid_loss=valid_loss,
            accuracy=accuracy,
            seconds=round(time.perf_counter() - self._start, 3),
        )
        self.epochs.append(epoch)
        n_done, n_all = self.learn.epoch + 1, self.learn.n_epoch
        line, left_s = describe_epoch(epoch, n_all), epoch.seconds * (n_all - n_done)
        self._report(Milestone(line, n_done=n_done, n_all=n_all, left_s=left_s))


def describe_epoch(epoch: Epoch, n_epochs: int) -> str:
    """One line: its number of how many, its losses, accuracy and time."""
    return (
        f"{epoch.phase} epoch {epoch.epoch + 1}/{n_epochs}: "
        f"train loss {epoch.train_loss:.4f}, valid loss {epoch.valid_loss:.4f}, "
        f"accuracy {epoch.accuracy:.4f}, {epoch.seconds:.1f} s"
    )


class _LineStream(StringIO):
    """A text stream that hands each complete line to a listener."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._listener = report
        self._stdout = sys.stdout

    def write(self, text: str) -> int:
        super().write(text)
        *lines, rest = self.getvalue().split("\n")
        if lines:
            self.seek(0)
            self.truncate()
            super().write(rest)
        # A listener may print as well; that goes where prints went before.
        with redirect_stdout(self._stdout):
            for line in filter(None, lines):
                self._listener(f"  fastai: {line}")
        return len(text)


@contextmanager
def reported_prints(report: Report) -> Iterator[None]:
    """While open, what libraries print goes to the listener, line by line, not to stdout."""
    with redirect_stdout(_LineStream(report)):
        yield
