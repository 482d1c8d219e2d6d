"""A short table of the experiments: mean and spread of each, as Markdown.

`python -m benchmarks.experiments.summary`
"""

import csv
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.experiments.rows import TABLE

COLUMNS = ("first_loss", "first_accuracy", "loss", "accuracy")


def summarise(table: Path = TABLE) -> Iterator[str]:
    """Lines of a Markdown table, one for each architecture and experiment."""
    groups: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    with table.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            groups[row["architecture"], row["experiment"]].append(row)
    yield "| architecture | experiment | folds | head: loss | accuracy | tuned: loss | accuracy |"
    yield "|---|---|---|---|---|---|---|"
    for (architecture, experiment), rows in groups.items():
        cells = [_spread([float(row[name]) for row in rows if row[name]]) for name in COLUMNS]
        yield f"| {architecture} | {experiment} | {len(rows)} | {' | '.join(cells)} |"


def _spread(values: Sequence[float]) -> str:
    """Mean and standard deviation; a dash without values, no deviation for a single one."""
    if not values:
        return "-"
    mean = f"{statistics.mean(values):.4f}"
    return f"{mean} ± {statistics.stdev(values):.4f}" if len(values) > 1 else mean


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in summarise())
