"""Callbacks that watch a fit: on a schedule, across fits, and to the end of a cycle."""

from pathlib import Path
from typing import Any

import pytest
from fastai.callback.core import Callback

from pipeline.training.callbacks.trackers import AnnealedStopping, ScheduledPlateau, make_trackers
from pipeline.training.recipes import Trackers
from tests.pipeline.training.learning import small_learner, small_settings

# fastai uses the old name of a numpy module when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")


class WorseAndWorse(Callback):  # type: ignore[misc] # fastai has no types
    """Makes each epoch's validation loss worse than the one before; notes the rates in use."""

    order = 55

    def __init__(self) -> None:
        self.rates: list[list[float]] = []

    def before_epoch(self) -> None:
        """Open a list for the epoch."""
        self.rates.append([])

    def before_step(self) -> None:
        """Note the rate of a step."""
        self.rates[-1].append(self.opt.hypers[-1]["lr"])

    def after_epoch(self) -> None:
        """Write a loss into the record that the trackers read."""
        self.recorder.values[-1][1] = 1.0 + len(self.rates)


def fit(
    tmp_path: Path, callback: Any, *, n_epochs: int = 6, schedule: bool = True
) -> list[list[float]]:
    """The rates of each epoch of a fit that never improves after its first epoch."""
    learner = small_learner(tmp_path, small_settings())
    witness = WorseAndWorse()
    method = learner.fit_one_cycle if schedule else learner.fit
    with learner.no_bar(), learner.no_logging():
        method(n_epochs, 1e-3, cbs=[witness, callback])
    return witness.rates


def plain_rates(tmp_path: Path) -> list[list[float]]:
    """The rates of the same fit without trackers."""
    return fit(tmp_path, Callback())


def test_a_reduced_rate_stays_reduced_under_a_schedule(tmp_path: Path) -> None:
    """From the epoch after the plateau on, all rates are the schedule's divided by the factor."""
    plain = plain_rates(tmp_path)
    found = fit(tmp_path, ScheduledPlateau(monitor="valid_loss", patience=2, factor=4.0))
    assert found[:3] == plain[:3]
    for epoch, divisor in ((3, 4), (4, 4), (5, 16)):
        assert found[epoch] == pytest.approx([rate / divisor for rate in plain[epoch]])


def test_without_a_schedule_a_rate_is_reduced_once(tmp_path: Path) -> None:
    """As fastai's own callback does it."""
    plateau = ScheduledPlateau(monitor="valid_loss", patience=2, factor=4.0)
    found = fit(tmp_path, plateau, n_epochs=5, schedule=False)
    assert [epoch[0] for epoch in found] == pytest.approx([1e-3] * 3 + [2.5e-4] * 2)


def test_a_cycle_is_not_cut_off_before_its_rate_is_annealed(tmp_path: Path) -> None:
    """Without any improvement, the fit still ends only when its rate is a tenth of the peak."""
    found = fit(tmp_path, AnnealedStopping(monitor="valid_loss", patience=1), n_epochs=10)
    highest = max(rate for epoch in found for rate in epoch)
    assert 7 < len(found) < 10
    assert found[-1][-1] <= highest / 10 < found[-2][-1]


def test_without_a_schedule_a_fit_ends_after_its_patience(tmp_path: Path) -> None:
    """As fastai's own callback does it."""
    stopping = AnnealedStopping(monitor="valid_loss", patience=2)
    assert len(fit(tmp_path, stopping, schedule=False)) == 3


@pytest.mark.parametrize(("kind", "forgets"), [("fastai", True), ("scheduled", False)])
def test_the_best_weights_are_remembered_from_fit_to_fit(
    tmp_path: Path, kind: Any, *, forgets: bool
) -> None:
    """The callback of fastai starts over at every fit."""
    settings = Trackers(kind=kind, patience=3, min_delta=0.1, factor=2.0)
    learner = small_learner(tmp_path, small_settings())
    trackers = make_trackers(settings, name="kept")
    saver = next(one for one in trackers if one.name == "save_model")
    with learner.no_bar(), learner.no_logging():
        learner.fit(1, cbs=trackers)
        saver.best = -1.0
        learner.fit(1, cbs=trackers)
    assert (saver.best != -1.0) is forgets
