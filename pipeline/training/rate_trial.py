"""How high a learning rate may be: a short trial with rising rates, and what it suggests.

The trial and its suggestions are fastai's; the learner's weights are as they were afterwards.
"""

import math
import warnings
from dataclasses import dataclass
from itertools import takewhile
from operator import itemgetter
from typing import Any

import fastai.callback.schedule  # noqa: F401 - gives a learner its method lr_find
import torch
from fastai.callback.core import Callback
from fastai.callback.schedule import SuggestionMethod

from pipeline.progress import Report, counter
from pipeline.training.callbacks.history import reported_prints
from pipeline.training.machine import machine_errors

_METHODS = {
    "valley": SuggestionMethod.Valley,
    "slide": SuggestionMethod.Slide,
    "minimum": SuggestionMethod.Minimum,
    "steep": SuggestionMethod.Steep,
}


_N_LEFT_OUT = 5
# fastai's method "slide" compares losses that lie 15 apart.
_FEWEST_LOSSES = 17


class _Counted(Callback):  # type: ignore[misc] # fastai has no types
    """Tells how far the trial is."""

    def __init__(self, n_batches: int, report: Report) -> None:
        self._tell = counter(n_batches, "Trying rates: batch", report)

    def after_batch(self) -> None:
        """One more rate was tried."""
        self._tell(self.learn.train_iter)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTrial:
    """The losses of a trial by rate, and the rates that it suggests.

    Attributes:
        rates: Learning rates of the head, rising.
        losses: The smoothed training loss at each of them, in nats.
        suggestions: A rate by fastai's name of the method, lowest first; empty if the loss exploded
            too soon to tell.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestions: tuple[tuple[str, float], ...]

    @property
    def advised(self) -> float | None:
        """The one rate to take, by fastai's own default method; None without suggestions."""
        return dict(self.suggestions).get("valley")


def find_rates(learner: Any, *, n_batches: int, report: Report) -> RateTrial:
    """Train for some batches with rates from 1e-7 to 10, and undo it.

    Args:
        learner: Ready for the first stage; its body is frozen, as it is there.
        n_batches: How many batches to train for, unless the loss explodes before.
        report: Who listens to progress.

    Raises:
        MachineError: If the machine can't do it.
    """
    learner.freeze()
    batch_size = learner.dls.train.bs
    with (
        machine_errors(path=learner.path, batch_size=batch_size),
        learner.no_bar(),
        learner.no_logging(),
        reported_prints(report),
        learner.added_cbs([_Counted(n_batches, report)]),
    ):
        learner.lr_find(num_it=n_batches, show_plot=False, suggest_funcs=None)
    rates = [float(rate) for rate in learner.recorder.lrs]
    losses = list(takewhile(math.isfinite, map(float, learner.recorder.losses)))
    return RateTrial(
        rates=tuple(rates[: len(losses)]),
        losses=tuple(losses),
        suggestions=suggest(rates, losses),
    )


def suggest(rates: list[float], losses: list[float]) -> tuple[tuple[str, float], ...]:
    """The rates that fastai's methods suggest, without the noisy start and the steep end.

    Returns:
        A rate by the method's name, lowest first; empty for fewer than 24 losses.
    """
    first, last = len(rates) // 10, len(losses) - _N_LEFT_OUT
    if last - first < _FEWEST_LOSSES:
        return ()
    seen_rates, seen_losses = torch.tensor(rates[first:last]), torch.tensor(losses[first:last])
    with warnings.catch_warnings():
        # fastai passes tensors to numpy in a way that newer versions of numpy deprecate.
        warnings.filterwarnings("ignore", message="__array_wrap__", category=DeprecationWarning)
        found = [
            (name, float(method(seen_rates, seen_losses, len(rates))[0]))
            for name, method in _METHODS.items()
        ]
    return tuple(sorted(found, key=itemgetter(1)))
