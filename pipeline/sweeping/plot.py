"""A sweep's results as a plot."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipeline.sweeping.values import ArchitectureRow, SeedMean

# A point drawn beside another is this many times as far to the right.
_BESIDE = 1.03


def draw_sweep(rows: Sequence[ArchitectureRow]) -> Figure:
    """Accuracy against training time: a colour for each architecture, bars for its seeds.

    Val is filled; test is hollow, and a little to the right. An architecture without a finished run
    is left out.
    """
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for number, row in enumerate(rows):
        if row.training_s is None or row.val_accuracy is None:
            continue
        label = f"{row.architecture} (chosen)" if row.is_chosen else row.architecture
        time_s, colour = row.training_s.mean, f"C{number}"
        _point(axes, time_s, row.val_accuracy, color=colour, label=label)
        if row.test_accuracy is not None:
            beside_s = time_s * _BESIDE
            _point(axes, beside_s, row.test_accuracy, color=colour, fillstyle="none")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("{x:g}")
    axes.set_xlabel("training time (s, logarithmic)")
    axes.set_ylabel("accuracy: val filled, test hollow")
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend()
    return figure


def _point(axes: Axes, time_s: float, value: SeedMean, **style: Any) -> None:
    low, high = value.interval or (value.mean, value.mean)
    bars = [[value.mean - low], [high - value.mean]]
    axes.errorbar([time_s], [value.mean], yerr=bars, marker="o", capsize=3, **style)
