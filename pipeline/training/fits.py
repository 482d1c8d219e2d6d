"""The fits of a recipe as values, and the callbacks that each one runs with."""

from dataclasses import dataclass
from typing import Any

import torch
from fastai.callback.channelslast import ChannelsLast
from fastai.callback.fp16 import AMPMode, MixedPrecision
from fastai.callback.mixup import MixUp

from pipeline.training.callbacks.accumulating import SharedSteps
from pipeline.training.callbacks.averaging import AveragedWeights, FrozenNorms
from pipeline.training.callbacks.distributed import SharedOut
from pipeline.training.callbacks.history import Phase
from pipeline.training.machine import find_precision
from pipeline.training.processes import n_processes
from pipeline.training.recipes import OneCycle, Trackers
from pipeline.training.settings import Precision, TrainingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One call of fastai's fit_one_cycle.

    Attributes:
        phase: What the history calls it.
        n_epochs: How many epochs.
        is_frozen: Whether only the head is trained.
        options: The arguments of fit_one_cycle.
        trackers: What watches it.
        mixup: How much images are mixed; None for not at all.
        averaging: The share that averaged weights keep; None for no averaging.
        frozen_norms: Whether batch normalisation keeps its statistics.
    """

    phase: Phase
    n_epochs: int
    is_frozen: bool
    options: dict[str, Any]
    trackers: Trackers
    mixup: float | None = None
    averaging: float | None = None
    frozen_norms: bool = False


def first_stage_fit(settings: TrainingSettings, method: OneCycle) -> Fit:
    """The fit of a first stage on a one-cycle schedule."""
    return Fit(
        phase="first_stage",
        n_epochs=settings.n_epochs,
        is_frozen=True,
        options={} if method.rate is None else {"lr_max": method.rate},
        trackers=method.trackers,
    )


def fine_tuning_fits(settings: TrainingSettings) -> tuple[Fit, ...]:
    """The fits of the second stage: those of fastai's fine_tune, with the recipe's numbers."""
    tuning = settings.recipe.fine_tuning
    shared: dict[str, Any] = {"trackers": tuning.trackers, "frozen_norms": tuning.frozen_norms}
    rate = tuning.base_rate
    frozen = Fit(
        phase="fine_tune_frozen",
        n_epochs=tuning.n_frozen_epochs,
        is_frozen=True,
        options={"lr_max": slice(rate), "pct_start": 0.99},
        **shared,
    )
    full = Fit(
        phase="fine_tune",
        n_epochs=settings.n_fine_tune_epochs,
        is_frozen=False,
        options={
            "lr_max": slice(rate / 2 / tuning.rate_ratio, rate / 2),
            "pct_start": tuning.warm_share,
            "div": tuning.start_divisor,
        },
        mixup=tuning.mixup,
        averaging=tuning.averaging,
        **shared,
    )
    return (frozen, full) if tuning.n_frozen_epochs else (full,)


def make_callbacks(
    fit: Fit, settings: TrainingSettings, trackers: list[Any], device: torch.device
) -> list[Any]:
    """The callbacks of a fit except its history; its trackers may be shared with other fits."""
    callbacks = [*trackers, *_numerics(settings, device)]
    if settings.n_accumulated > 1:
        callbacks.append(SharedSteps(settings.n_accumulated))
    if n_processes() > 1:
        callbacks.append(SharedOut())
    if fit.mixup is not None:
        callbacks.append(MixUp(fit.mixup))
    if fit.averaging is not None:
        callbacks.append(AveragedWeights(fit.averaging))
    if fit.frozen_norms:
        callbacks.append(FrozenNorms())
    return callbacks


def _numerics(settings: TrainingSettings, device: torch.device) -> list[Any]:
    """What sets the precision and the order of a tensor's values in memory.

    The recipe document calculates as the document did, unless the settings say otherwise.
    """
    is_documents = settings.recipe.name == "document"
    if is_documents and settings.precision is Precision.AUTO:
        return []
    precision = find_precision(settings.precision, device)
    modes = {Precision.FP16: AMPMode.FP16, Precision.BF16: AMPMode.BF16}
    mixed = [MixedPrecision(amp_mode=modes[precision])] if precision in modes else []
    return mixed if is_documents else [ChannelsLast(), *mixed]
