"""The two stages of a recipe: a new head on a frozen body, then the whole network.

Each stage saves its best weights under its own name, and ends with them loaded.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import fastai.callback.schedule  # noqa: F401 - gives a learner its method fit_one_cycle
import torch
from fastai.callback.tracker import SaveModelCallback

from hidden_test_spec.sidecar import Epoch, Stage
from pipeline.errors import TrainingDivergedError
from pipeline.progress import Report
from pipeline.training.callbacks.history import EpochHistory, reported_prints
from pipeline.training.callbacks.no_effect_notes import EffectNotes
from pipeline.training.callbacks.trackers import make_trackers
from pipeline.training.choosing import choose_network
from pipeline.training.features.feature_stage import fit_to_features
from pipeline.training.features.temperature import fold_temperature
from pipeline.training.fits import Fit, fine_tuning_fits, first_stage_fit, make_callbacks
from pipeline.training.image_cache import images_in_memory
from pipeline.training.machine import machine_errors
from pipeline.training.recipes import OnFeatures
from pipeline.training.resuming import (
    Checkpoint,
    Checkpoints,
    GoOn,
    Position,
    restore_callbacks,
    restore_learner,
    save_checkpoint,
)
from pipeline.training.settings import TrainingSettings

FIRST_STAGE: Final = "first_stage"
FINE_TUNED: Final = "fine_tuned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """What lets a stage go on after an interruption.

    Attributes:
        record: What a run must have in common with this one to go on from it.
        checkpoint: How far the interrupted run had come; None for a run from the start.
        earlier: The history of the stage before.
    """

    record: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    earlier: tuple[Epoch, ...] = ()

    @property
    def first_history(self) -> tuple[Epoch, ...]:
        """The history of a first stage if the interrupted run had finished it; else empty."""
        if self.checkpoint is None or self.checkpoint.position.stage == FIRST_STAGE:
            return ()
        history = self.checkpoint.position.history
        return tuple(epoch for epoch in history if epoch.phase == FIRST_STAGE)


def train_first_stage(
    learner: Any,
    settings: TrainingSettings,
    report: Report,
    resumption: Resumption | None = None,
) -> tuple[Epoch, ...]:
    """Train the head, with the body frozen.

    Returns:
        The history. The learner ends with the weights of the lowest validation loss.

    Raises:
        TrainingDivergedError: If a loss is no longer a number.
        MachineError: If the machine can't go on.
    """
    method = settings.recipe.first_stage
    work = _Work(FIRST_STAGE, settings, report, resumption or Resumption())
    learner.freeze()
    if isinstance(method, OnFeatures):
        return _run_on_features(learner, work, method)
    return _run_fits(learner, work, (first_stage_fit(settings, method),))


def fine_tune(
    learner: Any,
    settings: TrainingSettings,
    report: Report,
    resumption: Resumption | None = None,
) -> tuple[Epoch, ...]:
    """Train the whole network with smaller rates, first with a frozen body if the recipe says so.

    Returns:
        The history of this stage. The learner ends with the weights of the lowest validation loss
        of all its fits, and with some recipes its last layer is divided by a temperature.

    Raises:
        TrainingDivergedError: If a loss is no longer a number.
        MachineError: If the machine can't go on.
    """
    work = _Work(FINE_TUNED, settings, report, resumption or Resumption())
    return _run_fits(learner, work, fine_tuning_fits(settings))


@dataclass(frozen=True, slots=True)
class _Work:
    """What the steps of one stage share."""

    stage: Stage
    settings: TrainingSettings
    report: Report
    resumption: Resumption

    def position(self, **changes: Any) -> Position:
        """A position in this stage."""
        return replace(Position(stage=self.stage, history=self.resumption.earlier), **changes)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """How far an interrupted run had come in this stage; None if it had not begun it."""
        found = self.resumption.checkpoint
        return found if found is not None and found.position.stage == self.stage else None


def _run_on_features(learner: Any, work: _Work, method: OnFeatures) -> tuple[Epoch, ...]:
    """Fit the head to features; it takes so little time that it is always done from the start."""
    if work.checkpoint is not None:
        restore_learner(learner, work.checkpoint)
        return work.checkpoint.position.history
    with _quiet(learner, work.report):
        history = fit_to_features(
            learner, method, work.settings, name=work.stage, report=work.report
        )
        position = work.position(is_done=True, history=history)
        save_checkpoint(learner, position, work.resumption.record, learner.cbs)
    return history


def _run_fits(learner: Any, work: _Work, fits: tuple[Fit, ...]) -> tuple[Epoch, ...]:
    """Run the fits of a stage, or what is left of them."""
    begun, record = work.checkpoint, work.resumption.record
    position = work.position() if begun is None else begun.position
    if begun is not None and position.is_done:
        restore_learner(learner, begun)
        return position.history[len(work.resumption.earlier) :]
    trackers = make_trackers(fits[0].trackers, name=work.stage)
    if fits[0].trackers.kind == "fastai":
        trackers.append(EffectNotes(work.report))
    elif begun is None:
        _keep_earlier(learner, work, trackers)
    size_px = work.settings.image_size_px
    with (
        _quiet(learner, work.report),
        images_in_memory(learner, image_size_px=size_px, report=work.report),
    ):
        if begun is not None:
            restore_learner(learner, begun)
            restore_callbacks(learner, trackers, begun)
        for number in range(position.fit, len(fits)):
            position = _run_fit(learner, work, fits[number], trackers, position)
            save_checkpoint(learner, position, record, trackers)
        if work.stage == FINE_TUNED:
            _settle(learner, work)
    save_checkpoint(learner, replace(position, is_done=True), record, trackers)
    return position.history[len(work.resumption.earlier) :]


def _settle(learner: Any, work: _Work) -> None:
    """End fine-tuning with its temperature, and with the better network of both stages."""
    tuning = work.settings.recipe.fine_tuning
    if work.resumption.earlier:
        chooses = tuning.trackers.kind == "scheduled"
        choose_network(
            learner,
            before=FIRST_STAGE,
            folds=tuning.temperature,
            chooses=chooses,
            report=work.report,
        )
    elif tuning.temperature:
        temperature = fold_temperature(learner)
        work.report(f"Temperature {temperature:.3f}, folded into the last layer")


def _keep_earlier(learner: Any, work: _Work, trackers: list[Any]) -> None:
    """Keep the model of the stage before, unless this stage finds a better one."""
    if work.resumption.earlier:
        learner.save(work.stage, with_opt=False)
        saver = next(one for one in trackers if isinstance(one, SaveModelCallback))
        saver.best = min(epoch.valid_loss for epoch in work.resumption.earlier)


def _run_fit(
    learner: Any, work: _Work, fit: Fit, trackers: list[Any], position: Position
) -> Position:
    """Run one fit from a position on, and return the position after it."""
    history = EpochHistory((fit.phase,), work.report)
    callbacks = make_callbacks(fit, work.settings, trackers, learner.dls.device)
    callbacks += [history, Checkpoints(position, history, work.resumption.record)]
    if position.epoch and work.checkpoint is not None:
        callbacks.append(GoOn(work.checkpoint))
    if fit.is_frozen:
        learner.freeze()
    else:
        learner.unfreeze()
    learner.fit_one_cycle(fit.n_epochs, **fit.options, cbs=callbacks)
    learner.model.to(memory_format=torch.contiguous_format)
    epochs = (*position.history, *history.epochs)
    return replace(position, fit=position.fit + 1, epoch=0, history=epochs)


@contextmanager
def _quiet(learner: Any, report: Report) -> Iterator[None]:
    """Fit without fastai's bar and table; what its callbacks print goes to the listener."""
    batch_size = learner.dls.train.bs
    try:
        with (
            machine_errors(path=learner.path, batch_size=batch_size),
            learner.no_bar(),
            learner.no_logging(),
            reported_prints(report),
        ):
            yield
    except TrainingDivergedError as error:
        # fastai rewrites the message of what a callback raises: restore it.
        raise TrainingDivergedError(stage=error.stage, epoch=error.epoch) from None
