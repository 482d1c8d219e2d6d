"""Callbacks that watch a fit's validation loss: keep the best weights, lower rates, end early.

fastai's three callbacks don't suit a schedule. A reduced rate is overwritten at the next batch, the
best weights are forgotten between the two fits of fine_tune, and a one-cycle fit is ended before
its rate is annealed. Those of the kind `scheduled` correct that, and are otherwise fastai's.
"""

from typing import Any, Final

from fastai.callback.schedule import ParamScheduler
from fastai.callback.tracker import EarlyStoppingCallback, ReduceLROnPlateau, SaveModelCallback

from pipeline.training.recipes import Trackers

_MONITOR: Final = "valid_loss"
ANNEALED: Final = 0.1


class ScheduledPlateau(ReduceLROnPlateau):  # type: ignore[misc] # fastai has no types
    """Reduces the rate after a plateau, and keeps it reduced under a schedule.

    Attributes:
        divisor: What the schedule's rates are currently divided by.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.divisor = 1.0

    def before_fit(self) -> None:
        """Start with the schedule's own rates."""
        self.divisor = 1.0
        super().before_fit()

    def before_batch(self) -> None:
        """Divide the rate that the schedule has just set."""
        if self.training and self.divisor > 1 and scheduler_of(self.learn) is not None:
            for hyper in self.opt.hypers:
                hyper["lr"] /= self.divisor

    def after_epoch(self) -> None:
        """Remember a reduction, which fastai makes in place."""
        before = self.opt.hypers[-1]["lr"]
        super().after_epoch()
        self.divisor *= before / self.opt.hypers[-1]["lr"]


class AnnealedStopping(EarlyStoppingCallback):  # type: ignore[misc] # fastai has no types
    """Ends a fit that has stopped improving, but not while its schedule has rates to anneal.

    Without a schedule it is fastai's own. With one it waits until the rate is a tenth of the fit's
    highest.
    """

    def before_fit(self) -> None:
        """Forget the rates of an earlier fit."""
        self.wait, self.highest = 0, 0.0
        super().before_fit()

    def before_step(self) -> None:
        """Note the highest rate."""
        self.highest = max(self.highest, self.opt.hypers[-1]["lr"])

    def after_epoch(self) -> None:
        """Count epochs without an improvement, and end the fit if it may end."""
        rate = self.opt.hypers[-1]["lr"]
        may_end = scheduler_of(self.learn) is None or rate <= ANNEALED * self.highest
        if not may_end:
            # fastai adds one, and would end the fit at its patience.
            self.wait = min(self.wait, self.patience - 2)
        super().after_epoch()


def scheduler_of(learner: Any) -> Any | None:
    """The callback that sets the rate at every batch; None where a fit has no schedule."""
    return next((one for one in learner.cbs if isinstance(one, ParamScheduler)), None)


def make_trackers(settings: Trackers, *, name: str) -> list[Any]:
    """The three callbacks that watch a stage, which saves its best weights as `name`."""
    watched: dict[str, Any] = {"monitor": _MONITOR, "patience": settings.patience}
    reduction = {"min_delta": settings.min_delta, "factor": settings.factor}
    if settings.kind == "fastai":
        return [
            EarlyStoppingCallback(**watched),
            SaveModelCallback(monitor=_MONITOR, fname=name),
            ReduceLROnPlateau(**watched, **reduction),
        ]
    return [
        AnnealedStopping(**watched),
        SaveModelCallback(monitor=_MONITOR, fname=name, reset_on_fit=False),
        ScheduledPlateau(**watched, **reduction),
    ]
