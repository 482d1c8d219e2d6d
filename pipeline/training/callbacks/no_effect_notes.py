"""Notes where fastai's callbacks had no effect, or another one than their name says.

For the recipe that takes them as they are: whoever repeats the source document should see which
lines of its log mean nothing.
"""

from typing import Any

from fastai.callback.core import Callback
from fastai.callback.tracker import EarlyStoppingCallback, ReduceLROnPlateau, SaveModelCallback

from pipeline.progress import Report
from pipeline.training.callbacks.trackers import (
    ANNEALED,
    AnnealedStopping,
    ScheduledPlateau,
    scheduler_of,
)

_AFTER_TRACKERS = 70


class EffectNotes(Callback):  # type: ignore[misc] # fastai has no types
    """Reports each time that one of fastai's callbacks does not do what it says."""

    order = _AFTER_TRACKERS

    def __init__(self, report: Report) -> None:
        self._report = report
        self.best = float("inf")
        self.announced: float | None = None

    def before_fit(self) -> None:
        """Start to watch a fit."""
        self.highest, self.announced = 0.0, None

    def before_batch(self) -> None:
        """Compare the rate in use with the one that was announced."""
        if not self.training:
            return
        rate = self.opt.hypers[-1]["lr"]
        self.highest = max(self.highest, rate)
        if self.announced is not None and rate > self.announced:
            self._report(
                f"Note: ReduceLROnPlateau had no effect: it set the rate to {self.announced:.2g}, "
                f"and the schedule set it to {rate:.2g} at the next batch"
            )
        self.announced = None

    def after_epoch(self) -> None:
        """Check what the callbacks did."""
        plateau = _one_of(self.learn, ReduceLROnPlateau, ScheduledPlateau)
        if plateau is not None and not plateau.new_best and plateau.wait == 0:
            self.announced = self.opt.hypers[-1]["lr"]
        saver = _one_of(self.learn, SaveModelCallback)
        if saver is not None and saver.reset_on_fit and saver.new_best:
            # fastai forgets the best at the start of a fit, so the first epoch always counts as its
            # best.
            if self.learn.epoch == 0 and saver.best > self.best:
                self._report(
                    f"Note: SaveModelCallback overwrote a better model, {self.best:.4f} of an "
                    f"earlier fit, with one of {saver.best:.4f}: it starts over at every fit"
                )
            self.best = min(self.best, saver.best)

    def after_fit(self) -> None:
        """Report a fit that ended before its schedule did."""
        stopping = _one_of(self.learn, EarlyStoppingCallback, AnnealedStopping)
        if stopping is None or stopping.wait < stopping.patience:
            return
        rate = self.opt.hypers[-1]["lr"]
        if scheduler_of(self.learn) is not None and rate > ANNEALED * self.highest:
            self._report(
                f"Note: EarlyStopping ended the schedule after {self.epoch + 1} of {self.n_epoch} "
                f"epochs, at a rate of {rate:.2g}: the rate was never annealed"
            )


def _one_of(learner: Any, kind: type, but: type | None = None) -> Any | None:
    """The learner's callback of a kind, unless it is one of ours, which does what it says."""
    found = (one for one in learner.cbs if isinstance(one, kind))
    return next((one for one in found if but is None or not isinstance(one, but)), None)
