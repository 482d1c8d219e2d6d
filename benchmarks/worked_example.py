"""What two published confusion matrices can tell, and the chart of it in docs/statistics.md.

    python -m benchmarks.worked_example

prints the figures that the page quotes and draws its chart again. The matrices are those of the
first stage and of the fine-tuned model of the source document, on the same 120 photos. They do not
say which photo each model got wrong, so everything that depends on pairs is given from its lowest
to its highest possible value.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Console

from grader.results.scores import Interval
from grader.scoring.intervals import wilson_interval
from grader.scoring.paired import FlipCounts, change_interval, equivalence, mcnemar_p

LABELS = (
    "alimoche",
    "buitre leonado",
    "cacatúa",
    "cigüeña",
    "garza",
    "loro",
    "milano negro",
    "periquito",
)
FIRST_STAGE = (
    (12, 0, 1, 0, 0, 0, 2, 0),
    (0, 13, 0, 0, 0, 0, 3, 0),
    (0, 0, 15, 0, 0, 1, 0, 0),
    (0, 0, 0, 14, 0, 0, 0, 0),
    (0, 0, 0, 0, 15, 0, 0, 0),
    (0, 0, 0, 0, 0, 14, 0, 1),
    (0, 2, 0, 0, 0, 0, 11, 0),
    (0, 0, 0, 0, 0, 0, 0, 16),
)
FINE_TUNED = (
    (12, 0, 1, 0, 0, 0, 2, 0),
    (3, 13, 0, 0, 0, 0, 0, 0),
    (0, 0, 16, 0, 0, 0, 0, 0),
    (0, 0, 0, 14, 0, 0, 0, 0),
    (0, 0, 0, 0, 15, 0, 0, 0),
    (0, 0, 0, 0, 0, 14, 0, 1),
    (1, 1, 0, 0, 0, 0, 11, 0),
    (0, 0, 0, 0, 0, 0, 0, 16),
)
LEVEL, MARGIN = 0.95, 0.05
BESIDE: dict[str, Any] = {
    "textcoords": "offset points",
    "va": "center",
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1},
}
CHART = Path(__file__).parents[1] / "docs" / "images" / "110-against-111.svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFlips:
    """What two rows of a class allow: regressions, improvements, and answers that changed."""

    label: str
    n_images: int
    fewest: tuple[int, int]
    most: tuple[int, int]
    n_changed: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """The numbers of the whole test set for one count of regressions and of improvements."""

    n_regressions: int
    n_improvements: int
    p_value: float
    interval: Interval
    p_non_inferior: float


def class_flips(label: str, before: Sequence[int], after: Sequence[int], index: int) -> ClassFlips:
    """What the two rows of one class leave open.

    An image that was right before and one that is wrong after may be the same image, as far as
    there are enough of both; so regressions reach the smaller of the two counts, and improvements
    follow them.
    """
    n_images, gained = sum(before), after[index] - before[index]
    n_lost = min(before[index], n_images - after[index])
    n_kept = sum(map(min, before, after))
    n_kept_at_least = max(
        0, *(one + two - n_images for one, two in zip(before, after, strict=True))
    )
    return ClassFlips(
        label=label,
        n_images=n_images,
        fewest=(max(0, -gained), max(0, gained)),
        most=(n_lost, n_lost + gained),
        n_changed=(n_images - n_kept, n_images - n_kept_at_least),
    )


def all_classes() -> tuple[ClassFlips, ...]:
    """Every class of the document, in its order."""
    rows = zip(LABELS, FIRST_STAGE, FINE_TUNED, strict=True)
    return tuple(
        class_flips(label, before, after, index)
        for index, (label, before, after) in enumerate(rows)
    )


def total(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Pairs of counts, added up."""
    return sum(one for one, _ in counts), sum(two for _, two in counts)


def n_right(matrix: Sequence[Sequence[int]]) -> int:
    """The images on the diagonal."""
    return sum(row[index] for index, row in enumerate(matrix))


def flips(n_regressions: int, n_improvements: int) -> Flips:
    """What these counts of flips among all images would tell."""
    counts = FlipCounts(
        n_regressions=n_regressions,
        n_improvements=n_improvements,
        n_images=sum(map(sum, FIRST_STAGE)),
    )
    return Flips(
        n_regressions=n_regressions,
        n_improvements=n_improvements,
        p_value=mcnemar_p(n_regressions, n_improvements),
        interval=change_interval(counts, level=LEVEL),
        p_non_inferior=equivalence(counts, margin=MARGIN, level=LEVEL).p_non_inferior,
    )


def fewest_and_most() -> tuple[Flips, Flips]:
    """The two ends of what the matrices allow."""
    classes = all_classes()
    return flips(*total([one.fewest for one in classes])), flips(
        *total([one.most for one in classes])
    )


def draw(path: Path) -> None:
    """Draw both accuracies and both ends of the change, each with its interval."""
    n_images = sum(map(sum, FIRST_STAGE))
    stages = {"first stage": n_right(FIRST_STAGE), "fine-tuned": n_right(FINE_TUNED)}
    # Nothing about the machine or the day goes into the file: drawn again, it is the same.
    with mpl.rc_context({"svg.hashsalt": "", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(7.2, 3.2), layout="constrained")
        shares, changes = figure.subplots(2, 1)
        _draw_intervals(
            shares,
            [
                (f"{name}: {right} of {n_images} right", right / n_images, _wilson(right, n_images))
                for name, right in stages.items()
            ],
        )
        _draw_intervals(
            changes,
            [
                (
                    f"{end.n_regressions} broken, {end.n_improvements} fixed",
                    (end.n_improvements - end.n_regressions) / n_images,
                    end.interval,
                )
                for end in fewest_and_most()
            ],
        )
        for edge, style in ((0.0, "solid"), (-MARGIN, "dotted"), (MARGIN, "dotted")):
            changes.axvline(edge, color="0.4", linewidth=0.8, linestyle=style, zorder=0)
        shares.set_xlabel("accuracy, with Wilson's 95 % interval")
        changes.set_xlabel("change of accuracy, with its 95 % interval; dotted: the margin")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _draw_intervals(axes: Axes, rows: Sequence[tuple[str, float, Interval]]) -> None:
    for place, (_, estimate, (low, high)) in enumerate(rows):
        axes.plot([low, high], [place, place], color="#0072b2", linewidth=2)
        axes.plot([estimate], [place], "o", color="black")
        axes.annotate(_number(low), (low, place), (-4, 0), **BESIDE, ha="right")
        axes.annotate(_number(high), (high, place), (4, 0), **BESIDE, ha="left")
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.margins(x=0.15, y=0.5)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "\N{MINUS SIGN}")


def _wilson(n_successes: int, n_trials: int) -> Interval:
    return wilson_interval(n_successes, n_trials, level=LEVEL)


def main() -> int:
    """Print the figures and draw the chart."""
    console = Console(highlight=False)
    for matrix in (FIRST_STAGE, FINE_TUNED):
        right, n_images = n_right(matrix), sum(map(sum, matrix))
        console.print(f"{right} of {n_images}", right / n_images, _wilson(right, n_images))
    for one in all_classes():
        console.print(one)
    for end in fewest_and_most():
        console.print(end)
    draw(CHART)
    return 0


if __name__ == "__main__":
    sys.exit(main())
