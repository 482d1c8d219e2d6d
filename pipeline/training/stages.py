"""The two stages of the source document: a new head on a frozen body, then all of it.

Callbacks and their numbers are the document's. Each stage saves its best weights under its own
name, and ends with them loaded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import fastai.callback.schedule  # noqa: F401 - gives a learner its methods fit_one_cycle and fine_tune
from fastai.callback.tracker import EarlyStoppingCallback, ReduceLROnPlateau, SaveModelCallback

from hidden_test_spec.sidecar import Epoch
from pipeline.errors import TrainingDivergedError
from pipeline.progress import Report
from pipeline.training.callbacks import EpochHistory, reported_prints
from pipeline.training.machine import machine_errors
from pipeline.training.settings import TrainingSettings

FIRST_STAGE: Final = "first_stage"
FINE_TUNED: Final = "fine_tuned"

_MONITOR = "valid_loss"
_PATIENCE = 3


def train_first_stage(
    learner: Any, settings: TrainingSettings, report: Report
) -> tuple[Epoch, ...]:
    """Train the head on a one-cycle schedule, with the body frozen.

    Returns:
        The history. The learner ends with the weights of the lowest validation loss.

    Raises:
        TrainingDivergedError: If a loss is no number any more.
        MachineError: If the machine can't go on.
    """
    history = EpochHistory((FIRST_STAGE,), report)
    trackers = _trackers(name=FIRST_STAGE, min_delta=0.10, factor=3.5)
    learner.freeze()
    with _quiet(learner, report):
        learner.fit_one_cycle(settings.n_epochs, cbs=[*trackers, history])
    return tuple(history.epochs)


def fine_tune(learner: Any, settings: TrainingSettings, report: Report) -> tuple[Epoch, ...]:
    """Train one epoch with the body frozen, then the whole network with smaller rates.

    Returns:
        The history of both fits. The learner ends with the weights of the lowest validation loss
        of the two.

    Raises:
        TrainingDivergedError: If a loss is no number any more.
        MachineError: If the machine can't go on.
    """
    history = EpochHistory(("fine_tune_frozen", "fine_tune"), report)
    trackers = _trackers(name=FINE_TUNED, min_delta=0.05, factor=7.5)
    with _quiet(learner, report):
        learner.fine_tune(settings.n_fine_tune_epochs, cbs=[*trackers, history])
    return tuple(history.epochs)


def _trackers(*, name: str, min_delta: float, factor: float) -> list[Any]:
    """The document's callbacks.

    The best weights so far are kept from one fit of fine_tune to the next: fastai's default would
    forget them, and overwrite a better frozen model with the first unfrozen epoch.
    """
    return [
        EarlyStoppingCallback(monitor=_MONITOR, patience=_PATIENCE),
        SaveModelCallback(monitor=_MONITOR, fname=name, reset_on_fit=False),
        ReduceLROnPlateau(monitor=_MONITOR, patience=_PATIENCE, min_delta=min_delta, factor=factor),
    ]


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
        # fastai rewrites the message of what a callback raises: say it again as it was.
        raise TrainingDivergedError(stage=error.stage, epoch=error.epoch) from None
