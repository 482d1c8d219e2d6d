"""Going on where a run was interrupted: all that the next epoch depends on, in one file.

The file holds only tensors, numbers and text, and anything else in it is refused.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import numpy as np
import torch
from fastai.basics import L
from fastai.callback.core import Callback, CancelEpochException
from fastai.callback.fp16 import MixedPrecision
from fastai.learner import Recorder

from hidden_test_spec.durable import replaced_atomically
from hidden_test_spec.sidecar import Epoch, Stage
from pipeline.training.callbacks.averaging import AveragedWeights
from pipeline.training.callbacks.history import EpochHistory
from pipeline.training.errors import not_resumable_error, other_run_error
from pipeline.training.processes import is_main

FILE_NAME: Final = "models/resume.pth"

_AFTER_ALL = 200
_COUNTERS = ("announced", "best", "divisor", "highest", "new_best", "wait")

_POSITION: Final = ("stage", "fit", "epoch", "is_done", "history")
_KEYS: Final = {*_POSITION, "record", "model", "optimiser", "callbacks", "random"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a run has come.

    Attributes:
        stage: The stage at work, or just done.
        fit: Which fit of the stage, from 0.
        epoch: The next epoch of the fit; the number after the last epoch means that only the fit's
            end is left.
        is_done: Whether the stage is done.
        history: All epochs so far, of both stages.
    """

    stage: Stage
    fit: int = 0
    epoch: int = 0
    is_done: bool = False
    history: tuple[Epoch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A position and everything that the epochs after it depend on."""

    position: Position
    state: Mapping[str, Any]


def save_checkpoint(
    learner: Any, position: Position, record: Mapping[str, Any], callbacks: Iterable[Any]
) -> None:
    """Write the learner's state, and that of its callbacks, into its folder.

    Args:
        learner: Between two epochs, or between two stages.
        position: How far it has come.
        record: The run's settings and images; a run with different ones can't go on from here.
        callbacks: The callbacks whose counts are kept.
    """
    if not is_main():
        return
    path: Path = learner.path / FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "record": dict(record),
        "stage": position.stage,
        "fit": position.fit,
        "epoch": position.epoch,
        "is_done": position.is_done,
        "history": [epoch.model_dump() for epoch in position.history],
        "model": learner.model.state_dict(),
        "optimiser": _plain(learner.opt.state_dict()) if learner.opt else None,
        "callbacks": _plain(_callback_states(learner, callbacks)),
        "random": _plain(_random_states(learner)),
    }
    with replaced_atomically(path) as partial:
        torch.save(values, partial)


def read_checkpoint(out: Path, record: Mapping[str, Any]) -> Checkpoint | None:
    """What a run left in its folder; None if it did not finish an epoch.

    Raises:
        BadInputError: If the file is damaged, or belongs to a run with other settings or images.
    """
    path = out / FILE_NAME
    if not path.exists():
        return None
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
    except (EOFError, OSError, RuntimeError, UnpicklingError) as error:
        raise not_resumable_error(out, f"{FILE_NAME} can't be read") from error
    if not isinstance(values, Mapping) or _KEYS - values.keys():
        raise not_resumable_error(out, f"{FILE_NAME} is not the saved state of a run")
    begun = values["record"]
    others = {
        name: begun.get(name)
        for name in record.keys() | begun.keys()
        if record.get(name) != begun.get(name)
    }
    if others:
        raise other_run_error(out, others)
    return Checkpoint(position=_position_in(values), state=values)


def _position_in(values: Mapping[str, Any]) -> Position:
    return Position(
        stage=values["stage"],
        fit=values["fit"],
        epoch=values["epoch"],
        is_done=values["is_done"],
        history=tuple(Epoch.model_validate(epoch) for epoch in values["history"]),
    )


def restore_learner(learner: Any, checkpoint: Checkpoint) -> None:
    """Give a freshly built learner the weights and random numbers of a checkpoint."""
    learner.model.load_state_dict(checkpoint.state["model"])
    _restore_random(learner, checkpoint.state["random"])


def restore_callbacks(learner: Any, callbacks: Iterable[Any], checkpoint: Checkpoint) -> None:
    """Give callbacks of a learner what they had counted at a checkpoint."""
    states = checkpoint.state["callbacks"]
    for one in callbacks:
        if one.name in states:
            _restore_callback(learner, one, states[one.name])


def _restore_callback(learner: Any, one: Any, state: Mapping[str, Any]) -> None:
    for name in _COUNTERS:
        if name in state:
            setattr(one, name, state[name])
    if isinstance(one, AveragedWeights):
        one.load_state(state, device=learner.dls.device)
    if isinstance(one, Recorder):
        one.smooth_loss.val, one.smooth_loss.count = torch.tensor(state["smooth"]), state["n"]
    if isinstance(one, MixedPrecision):
        learner.scaler.load_state_dict(state["scaler"])


class GoOn(Callback):  # type: ignore[misc] # fastai has no types
    """Starts a fit at a later epoch, with its callbacks and random states as they were then.

    No other callback notices the epochs before it.
    """

    order = -_AFTER_ALL

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._muted: list[Any] = []

    def before_epoch(self) -> None:
        """Skip an epoch that is done; restore everything before the first that isn't."""
        if self.learn.epoch < self._checkpoint.position.epoch:
            if not self._muted:
                self._muted = [one for one in self.learn.cbs if one is not self and one.run]
            for one in self._muted:
                one.run = False
            raise CancelEpochException
        for one in self._muted:
            one.run = True
        if self._muted:
            self._muted = []
            # Not earlier: fastai clears the optimiser when it freezes and unfreezes.
            self.learn.opt.load_state_dict(self._checkpoint.state["optimiser"])
            restore_callbacks(self.learn, self.learn.cbs, self._checkpoint)
            _restore_random(self.learn, self._checkpoint.state["random"])


class Checkpoints(Callback):  # type: ignore[misc] # fastai has no types
    """Saves a checkpoint after each epoch of a fit except the last, which ends with the fit."""

    order = _AFTER_ALL

    def __init__(
        self, position: Position, history: EpochHistory, record: Mapping[str, Any]
    ) -> None:
        self._position, self._history, self._record = position, history, record

    def after_epoch(self) -> None:
        """Save what the next epoch depends on."""
        if self.learn.epoch + 1 == self.learn.n_epoch:
            return
        history = (*self._position.history, *self._history.epochs)
        position = replace(self._position, epoch=self.learn.epoch + 1, history=history)
        save_checkpoint(self.learn, position, self._record, self.learn.cbs)


def _callback_states(learner: Any, callbacks: Iterable[Any]) -> dict[str, Any]:
    """What each callback has counted so far, by its name."""
    states: dict[str, Any] = {}
    for one in callbacks:
        state = {name: vars(one)[name] for name in _COUNTERS if name in vars(one)}
        if isinstance(one, AveragedWeights):
            state |= one.state()
        if isinstance(one, Recorder):
            state |= {"smooth": float(one.smooth_loss.val), "n": int(one.smooth_loss.count)}
        if isinstance(one, MixedPrecision):
            state["scaler"] = learner.scaler.state_dict()
        states[one.name] = state
    return states


def _random_states(learner: Any) -> dict[str, Any]:
    """The states of all random number generators that training draws from."""
    # fastai also draws from numpy's old generator.
    numpy_state = np.random.get_state(legacy=False)  # noqa: NPY002
    return {
        "python": random.getstate(),
        "numpy": numpy_state,
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "loaders": [loader.rng.getstate() for loader in learner.dls.loaders],
    }


def _restore_random(learner: Any, states: Mapping[str, Any]) -> None:
    random.setstate(_as_tuples(states["python"]))
    np.random.set_state(states["numpy"])  # noqa: NPY002
    torch.set_rng_state(states["torch"])
    if states["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(states["cuda"])
    for loader, state in zip(learner.dls.loaders, states["loaders"], strict=True):
        loader.rng.setstate(_as_tuples(state))


def _as_tuples(value: Any) -> Any:
    """Lists, which a file may return, as the tuples that Python's generator takes."""
    return tuple(map(_as_tuples, value)) if isinstance(value, (list, tuple)) else value


def _plain(value: Any) -> Any:
    """Values of numpy and fastai as Python's, so that a file needs only those and tensors."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, L)):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value
