"""Where fastai's callbacks don't do what they say, the output says so."""

from pathlib import Path
from typing import Any

import pytest
from fastai.callback.core import Callback

from pipeline.training.callbacks.no_effect_notes import EffectNotes
from pipeline.training.callbacks.trackers import make_trackers
from pipeline.training.recipes import Trackers
from tests.pipeline.training.learning import small_learner, small_settings

# fastai uses the old name of a numpy module when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")


class Scripted(Callback):  # type: ignore[misc] # fastai has no types
    """Puts given validation losses into the record that the trackers read."""

    order = 55

    def __init__(self, *losses: float) -> None:
        self._losses = iter(losses)

    def after_epoch(self) -> None:
        """Write the next loss."""
        self.recorder.values[-1][1] = next(self._losses)


def notes_of(tmp_path: Path, losses: list[list[float]], **changes: Any) -> list[str]:
    """The notes on one-cycle fits whose epochs end with these losses."""
    options = {"kind": "fastai", "patience": 2, "min_delta": 0.0, "factor": 4.0} | changes
    lines: list[str] = []
    trackers = make_trackers(Trackers.model_validate(options), name="kept")
    watching = [*trackers, EffectNotes(lines.append)]
    learner = small_learner(tmp_path, small_settings())
    with learner.no_bar(), learner.no_logging():
        for one in losses:
            learner.fit_one_cycle(len(one), cbs=[*watching, Scripted(*one)])
    return lines


def test_a_reduction_that_the_schedule_undoes_is_noted(tmp_path: Path) -> None:
    """The note has the rate that was announced and the one in use."""
    falling = [9.0, 8.0, 7.99, 7.98, 7.97, 7.96, 7.95, 7.94]
    (note,) = notes_of(tmp_path, [falling], min_delta=0.5, patience=4)
    assert note.startswith("Note: ReduceLROnPlateau had no effect: it set the rate to")


def test_a_better_model_that_is_overwritten_is_noted(tmp_path: Path) -> None:
    """The note has both losses."""
    (note,) = notes_of(tmp_path, [[0.1], [0.8, 0.7]])
    assert "overwrote a better model, 0.1000 of an earlier fit, with one of 0.8000" in note


def test_a_cycle_that_was_cut_off_is_noted(tmp_path: Path) -> None:
    """The note has the epoch and the rate."""
    notes = notes_of(tmp_path, [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
    assert notes[-1].startswith("Note: EarlyStopping ended the schedule after 3 of 6 epochs")


def test_callbacks_that_do_what_they_say_are_not_mentioned(tmp_path: Path) -> None:
    """Ours are not mentioned, on the same losses."""
    losses = [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [7.0]]
    assert notes_of(tmp_path, losses, kind="scheduled") == []


def test_a_fit_that_improves_is_not_mentioned(tmp_path: Path) -> None:
    """No reduction was announced."""
    assert notes_of(tmp_path, [[3.0, 2.0, 1.0], [0.5]]) == []
