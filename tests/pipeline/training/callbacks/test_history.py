"""What a fit reports."""

import re
import sys
from types import SimpleNamespace

import pytest

from pipeline.errors import TrainingDivergedError
from pipeline.progress import Milestone
from pipeline.training.callbacks.history import EpochHistory, reported_prints
from tests.pipeline.drawing import silent


def epoch_of(losses: list[float], history: EpochHistory) -> None:
    """Let a history see one epoch that ended with these values."""
    history.learn = SimpleNamespace(final_record=losses, epoch=0, n_epoch=10)
    history.before_epoch()
    history.after_epoch()


def test_each_fit_is_the_next_phase() -> None:
    """Two fits with one callback, as in fine_tune, are told apart."""
    history = EpochHistory(("fine_tune_frozen", "fine_tune"), silent)
    for losses in ([1.5, 1.25, 0.5], [1.0, 0.75, 0.625]):
        history.before_fit()
        epoch_of(losses, history)
    assert [
        (epoch.phase, epoch.train_loss, epoch.valid_loss, epoch.accuracy)
        for epoch in history.epochs
    ] == [("fine_tune_frozen", 1.5, 1.25, 0.5), ("fine_tune", 1.0, 0.75, 0.625)]


def test_one_line_an_epoch_is_reported() -> None:
    """Stage, epoch and number of epochs, both losses, accuracy and seconds."""
    lines: list[str] = []
    history = EpochHistory(("first_stage",), lines.append)
    history.before_fit()
    epoch_of([1.5, 1.25, 0.5], history)
    expected = (
        r"first_stage epoch 1/10: train loss 1\.5000, valid loss 1\.2500, accuracy 0\.5000, 0\.0 s"
    )
    assert re.fullmatch(expected, lines[0])


def test_an_epoch_is_a_milestone_of_its_fit() -> None:
    """Each remaining epoch is expected to take as long as the last one."""
    lines: list[str] = []
    history = EpochHistory(("first_stage",), lines.append)
    history.before_fit()
    epoch_of([1.5, 1.25, 0.5], history)
    (line,) = lines
    assert isinstance(line, Milestone)
    assert (line.n_done, line.n_all) == (1, 10)
    assert line.left_s == 9 * history.epochs[0].seconds


@pytest.mark.parametrize("losses", [[float("nan"), 1.0, 0.5], [1.0, float("inf"), 0.5]])
def test_a_loss_that_is_no_number_ends_training(losses: list[float]) -> None:
    """The stage and the epoch are named."""
    history = EpochHistory(("first_stage",), silent)
    history.before_fit()
    with pytest.raises(TrainingDivergedError, match="epoch 1 of the first_stage"):
        epoch_of(losses, history)


def test_what_a_library_prints_is_heard_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Parts of a line wait for its end; stdout stays clean."""
    lines: list[str] = []
    with reported_prints(lines.append):
        sys.stdout.write("Better ")
        assert lines == []
        sys.stdout.write("model found\nNo improvement\n\n")
    assert lines == ["  fastai: Better model found", "  fastai: No improvement"]
    assert capsys.readouterr().out == ""


def test_a_listener_may_print(capsys: pytest.CaptureFixture[str]) -> None:
    """Its words go to stdout, once."""
    with reported_prints(print):
        sys.stdout.write("Better model found\n")
    assert capsys.readouterr().out == "  fastai: Better model found\n"
