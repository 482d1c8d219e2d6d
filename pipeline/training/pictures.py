"""Pictures of training for files and notebooks, from values: curves, batches and learning rates."""

import io
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hidden_test_spec.durable import write_atomically
from hidden_test_spec.sidecar import Epoch
from pipeline.training.previews import BatchPreview
from pipeline.training.rate_trial import RateTrial

_DPI = 120
_N_COLUMNS = 4
_TITLE_WIDTH = 28
_HEADROOM = 1.25
_TRAIN, _VAL, _BEST = "#4477aa", "#cc6677", "#117733"
_STAGES = {
    "first_stage": "first stage",
    "fine_tune_frozen": "frozen epoch",
    "fine_tune": "fine-tuning",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as the bytes of a PNG file; a notebook shows it."""

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png

    def write(self, path: Path) -> Path:
        """Write the file, and return its path.

        Raises:
            OSError: If it can't be written.
        """
        write_atomically(path, self.png)
        return path


def picture_of(figure: Figure) -> Picture:
    """A figure as a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI)
    return Picture(png=buffer.getvalue())


def draw_history(history: tuple[Epoch, ...]) -> Figure:
    """Curves of a history: both losses above, the accuracy on val below, the best epoch marked.

    Args:
        history: At least one epoch. The phases follow each other from left to right.
    """
    figure = Figure(figsize=(8, 6), layout="constrained")
    losses, shares = figure.subplots(2, 1, sharex=True)
    epochs = range(1, len(history) + 1)
    losses.plot(epochs, [one.train_loss for one in history], "o-", color=_TRAIN, label="train")
    losses.plot(epochs, [one.valid_loss for one in history], "o-", color=_VAL, label="val")
    shares.plot(epochs, [one.accuracy for one in history], "o-", color=_VAL, label="val")
    best = min(epochs, key=lambda epoch: history[epoch - 1].valid_loss)
    for axes in (losses, shares):
        axes.axvline(best, color=_BEST, linestyle=":", label=f"lowest val loss: epoch {best}")
        _mark_phases(axes, history)
        axes.grid(alpha=0.3)
    losses.legend()
    losses.set_ylabel("loss (nats)")
    shares.set_ylabel("accuracy on val")
    shares.set_ylim(0, 1)
    shares.set_xlim(0.5, len(history) + 0.5)
    shares.set_xlabel("epoch")
    shares.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def draw_batch(preview: BatchPreview) -> Figure:
    """The images of a batch in rows, each under its label."""
    n_images = len(preview.labels)
    n_rows = -(-n_images // _N_COLUMNS)
    figure = Figure(figsize=(2 * _N_COLUMNS, 2.2 * n_rows), layout="constrained")
    grid = np.asarray(figure.subplots(n_rows, _N_COLUMNS, squeeze=False)).flat
    for position, axes in enumerate(grid):
        axes.set_axis_off()
        if position < n_images:
            axes.imshow(preview.images[position])
            # A name may hold what matplotlib would read as mathematics.
            title = shorten(preview.labels[position], _TITLE_WIDTH, placeholder="...")
            axes.set_title(title, fontsize=9, parse_math=False)
    return figure


def draw_rates(trial: RateTrial) -> Figure:
    """The loss by learning rate, on a logarithmic axis, with a line at each suggestion.

    An exploding loss leaves the picture, so that what comes before can be seen.
    """
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(trial.rates, trial.losses, color=_TRAIN, label="smoothed training loss")
    for style, (name, rate) in zip(("-", "--", "-.", ":"), trial.suggestions, strict=False):
        axes.axvline(rate, color=_BEST, linestyle=style, label=f"{name}: {rate:.2g}")
    axes.set_xscale("log")
    if trial.losses:
        low, high = min(trial.losses), max(trial.losses[: len(trial.losses) // 2 + 1])
        axes.set_ylim(low / _HEADROOM, high * _HEADROOM)
    axes.set_xlabel("learning rate of the head")
    axes.set_ylabel("loss (nats)")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _mark_phases(axes: Axes, history: tuple[Epoch, ...]) -> None:
    """A line where a phase begins, with its name."""
    for position, epoch in enumerate(history):
        if position == 0 or epoch.phase != history[position - 1].phase:
            axes.axvline(position + 0.5, color="grey", linewidth=0.8)
            axes.annotate(
                _STAGES[epoch.phase],
                (position + 0.5, 1),
                xycoords=("data", "axes fraction"),
                xytext=(3, -3),
                textcoords="offset points",
                rotation=90,
                verticalalignment="top",
                fontsize=8,
                color="grey",
            )
