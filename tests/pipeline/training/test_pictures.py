"""Pictures of training: what is drawn, never its pixels."""

import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from hidden_test_spec.sidecar import Epoch
from pipeline.sweeping.plot import draw_sweep
from pipeline.sweeping.values import ArchitectureRow, SeedMean
from pipeline.training.pictures import draw_batch, draw_history, draw_rates, picture_of
from pipeline.training.previews import BatchPreview
from pipeline.training.rate_trial import RateTrial

HISTORY = tuple(
    Epoch(phase=phase, epoch=epoch, train_loss=2.0, valid_loss=loss, accuracy=0.5, seconds=1.0)
    for phase, epoch, loss in (
        ("first_stage", 0, 0.9),
        ("first_stage", 1, 0.7),
        ("fine_tune_frozen", 0, 0.6),
        ("fine_tune", 0, 0.8),
    )
)
TRIAL = RateTrial(rates=(0.1, 1.0), losses=(2.0, 3.0), suggestions=(("valley", 0.2),))


def row(name: str, *, is_chosen: bool, time_s: float | None) -> ArchitectureRow:
    """One architecture of a sweep; without a time, none of its runs has finished."""
    accuracy = None if time_s is None else SeedMean(mean=0.8, interval=(0.7, 0.9))
    return ArchitectureRow(
        architecture=name,
        is_chosen=is_chosen,
        n_done=2,
        n_failed=0,
        n_parameters=10,
        epoch_s=None,
        training_s=None if time_s is None else SeedMean(mean=time_s, interval=None),
        val_loss=None,
        val_accuracy=accuracy,
        test_loss=None,
        test_accuracy=None if time_s is None else SeedMean(mean=0.75, interval=None),
    )


def labels_of(axes: Axes) -> list[str]:
    """What a legend says."""
    legend = axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def numbers(values: object) -> list[float]:
    """What an artist draws, as plain numbers."""
    return [float(value) for value in np.asarray(values)]


def test_a_history_is_drawn_epoch_by_epoch() -> None:
    """Both losses and the accuracy, over all phases; the lowest val loss is marked."""
    losses, shares = draw_history(HISTORY).axes
    by_label = {str(line.get_label()): line for line in losses.lines}
    assert numbers(by_label["val"].get_ydata()) == [0.9, 0.7, 0.6, 0.8]
    assert numbers(by_label["val"].get_xdata()) == [1, 2, 3, 4]
    assert numbers(by_label["train"].get_ydata()) == [2.0] * 4
    assert labels_of(losses) == ["train", "val", "lowest val loss: epoch 3"]
    assert losses.get_ylabel() == "loss (nats)"
    assert numbers(shares.lines[0].get_ydata()) == [0.5] * 4


def test_the_phases_of_a_history_are_named_where_they_begin() -> None:
    """Each once, before its first epoch."""
    losses, _ = draw_history(HISTORY).axes
    found = [(text.get_text(), text.xy[0]) for text in losses.texts if hasattr(text, "xy")]
    assert found == [("first stage", 0.5), ("frozen epoch", 2.5), ("fine-tuning", 3.5)]


def test_a_batch_is_drawn_in_rows_of_four() -> None:
    """Five images under their labels; unused places are empty, names aren't read as formulas."""
    labels = ("a", "b", "$c$", "d", "a name that is much longer than what has room above")
    images = np.linspace(0, 1, 5 * 2 * 2 * 3, dtype=np.float32).reshape(5, 2, 2, 3)
    figure = draw_batch(BatchPreview(images=images, labels=labels))
    assert len(figure.axes) == 8
    assert [len(axes.images) for axes in figure.axes] == [1] * 5 + [0] * 3
    assert np.array_equal(np.asarray(figure.axes[2].images[0].get_array()), images[2])
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:4] == ["a", "b", "$c$", "d"]
    assert titles[4] == "a name that is much..."
    assert picture_of(figure).png


def test_rates_are_drawn_with_their_suggestions() -> None:
    """The axis is logarithmic."""
    (axes,) = draw_rates(TRIAL).axes
    assert axes.get_xscale() == "log"
    assert numbers(axes.lines[0].get_xdata()) == [0.1, 1.0]
    assert numbers(axes.lines[0].get_ydata()) == [2.0, 3.0]
    assert labels_of(axes) == ["smoothed training loss", "valley: 0.2"]


def test_an_exploding_loss_leaves_the_picture() -> None:
    """What comes before it can be seen; a trial without losses gives an empty picture."""
    losses = (2.0, 2.4, 1.8, 1.6, 900.0)
    trial = RateTrial(rates=(1e-4, 1e-3, 1e-2, 0.1, 1.0), losses=losses, suggestions=())
    (axes,) = draw_rates(trial).axes
    assert axes.get_ylim() == pytest.approx((1.28, 3.0))
    (empty,) = draw_rates(RateTrial(rates=(), losses=(), suggestions=())).axes
    assert numbers(empty.lines[0].get_ydata()) == []


def test_a_sweep_is_drawn_as_accuracy_against_time() -> None:
    """A point for val and one for test; architectures that never finished are left out."""
    rows = [
        row("fast", is_chosen=False, time_s=10),
        row("good", is_chosen=True, time_s=100),
        row("broken", is_chosen=False, time_s=None),
    ]
    (axes,) = draw_sweep(rows).axes
    bars = [one for one in axes.containers if isinstance(one, ErrorbarContainer)]
    points = [one.lines[0] for one in bars if isinstance(one.lines[0], Line2D)]
    places = [(*numbers(line.get_xdata()), *numbers(line.get_ydata())) for line in points]
    assert places == [(10, 0.8), (pytest.approx(10.3), 0.75), (100, 0.8), (103, 0.75)]
    assert [line.get_fillstyle() for line in points] == ["full", "none", "full", "none"]
    assert labels_of(axes) == ["fast", "good (chosen)"]


def test_a_sweep_without_results_has_an_empty_picture() -> None:
    """No legend, and no error."""
    (axes,) = draw_sweep([row("broken", is_chosen=False, time_s=None)]).axes
    assert len(axes.containers) == 0
    assert axes.get_legend() is None


def test_a_picture_is_a_file_and_shows_in_a_notebook(tmp_path: Path) -> None:
    """The same PNG both ways."""
    picture = picture_of(Figure(figsize=(1, 1)))
    path = picture.write(tmp_path / "picture.png")
    assert path.read_bytes() == picture._repr_png_()
    assert Image.open(io.BytesIO(picture.png)).size == (120, 120)
