"""A sweep as Markdown and CSV. Nothing is calculated here."""

import csv
import io
from collections.abc import Iterable

from pipeline.sweeping.values import ArchitectureRow, LookAtTest, SeedMean, SweepRun

_NONE = "-"
_FIELDS = (
    *("architecture", "seed", "n_parameters", "epoch_s", "training_s"),
    *("val_loss", "val_accuracy", "test_loss", "test_accuracy", "problem"),
)
_COLUMNS = (
    "Architecture",
    "Parameters",
    "Epoch (s)",
    "Training (s)",
    "Val loss",
    "Val accuracy",
    "Test loss",
    "Test accuracy",
    "Seeds",
)


def as_markdown(rows: Iterable[ArchitectureRow], runs: Iterable[SweepRun]) -> str:
    """A table with one row for each architecture, what failed, and how to read it."""
    shown = tuple(rows)
    lines = [
        "# Architectures compared",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|---|{'---:|' * (len(_COLUMNS) - 1)}",
        *(f"| {' | '.join(_cells(row))} |" for row in shown),
        "",
        *_notes(shown),
    ]
    failed = [run for run in runs if run.problem is not None]
    if failed:
        lines += ["", "## Runs that failed", ""]
        lines += [
            f"- {run.architecture}, seed {run.seed}: {' '.join((run.problem or '').split())}"
            for run in failed
        ]
    return "\n".join(lines) + "\n"


def as_csv(runs: Iterable[SweepRun], looks: Iterable[LookAtTest]) -> str:
    """One line for each run; unknown values are left empty."""
    tests = {(look.architecture, look.seed): look.test for look in looks}
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=_FIELDS, lineterminator="\n", restval="")
    writer.writeheader()
    for run in runs:
        numbers = {"val": run.val, "test": tests.get(run.key)}
        values = run.model_dump(exclude={"val"}, exclude_none=True)
        for part, found in numbers.items():
            if found is not None:
                values |= {f"{part}_{name}": value for name, value in found}
        writer.writerow(values)
    return text.getvalue()


def _cells(row: ArchitectureRow) -> tuple[str, ...]:
    name = f"**{row.architecture}**" if row.is_chosen else row.architecture
    failed = f", {row.n_failed} failed" if row.n_failed else ""
    return (
        name,
        _NONE if row.n_parameters is None else f"{row.n_parameters:,}",
        _shown(row.epoch_s, 1),
        _shown(row.training_s, 0),
        _shown(row.val_loss, 4),
        _shown(row.val_accuracy, 4),
        _shown(row.test_loss, 4),
        _shown(row.test_accuracy, 4),
        f"{row.n_done}{failed}",
    )


def _shown(value: SeedMean | None, n_digits: int) -> str:
    if value is None:
        return _NONE
    if value.interval is None:
        return f"{value.mean:.{n_digits}f}"
    low, high = value.interval
    return f"{value.mean:.{n_digits}f} ({low:.{n_digits}f} to {high:.{n_digits}f})"


def _notes(rows: tuple[ArchitectureRow, ...]) -> Iterable[str]:
    yield (
        "Means over seeds of the fine-tuned exports as the grader measures them; in brackets the "
        "95% interval of Student's t over seeds, which says nothing about other images."
    )
    chosen = next((row.architecture for row in rows if row.is_chosen), None)
    if chosen is None:
        yield "No architecture finished with every seed, so none is chosen."
    else:
        yield f"Chosen by the lowest mean val loss, before the test part was used: {chosen}."
    if any(row.test_loss is not None for row in rows):
        yield "The test part was used once, after the choice; no run was trained after that."
