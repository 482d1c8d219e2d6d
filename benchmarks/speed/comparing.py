"""Medians, ratios of the same round, and how far the answers are from fastai's."""

import json
import os
import platform
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.speed.measuring import Measured
from benchmarks.speed.points import N_USUAL, Point

Rows: TypeAlias = list[dict[str, Any]]
Done: TypeAlias = Sequence[tuple[Point, Measured]]
Answers: TypeAlias = Callable[[str, str, int], Path]
_Group: TypeAlias = tuple[str, int]

_MIB = 2**20


def compare(done: Done, answers: Answers) -> dict[str, Rows]:
    """All that can be said about what was measured, as tables of plain values."""
    return {
        "machine": [{"system": platform.platform(), "cores": os.cpu_count()}],
        "runs": list(_runs(done)),
        "rates": list(_rates(done)),
        "exactness": list(_exactness(done, answers)),
    }


def show(compared: dict[str, Rows], console: Console) -> None:
    """Print the tables."""
    for name, rows in compared.items():
        if rows:
            table = Table(*rows[0], title=name)
            for row in rows:
                table.add_row(*(_cell(value) for value in row.values()))
            console.print(table)


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _by_round(done: Done) -> dict[_Group, dict[str, dict[int, Measured]]]:
    """For each family and number of photos: by program, then by round."""
    groups: dict[_Group, dict[str, dict[int, Measured]]] = defaultdict(lambda: defaultdict(dict))
    for point, measured in done:
        groups[point.family, point.n_photos][point.contender][point.round] = measured
    return groups


def _runs(done: Done) -> Iterator[dict[str, Any]]:
    for (family, n_photos), by_program in _by_round(done).items():
        ours = by_program.get("grader", {})
        for program, rounds in by_program.items():
            runs = list(rounds.values())
            yield {
                "family": family,
                "photos": n_photos,
                "program": program,
                "runs": len(runs),
                "wall_s": median(one.wall_s for one in runs),
                "cpu_s": median(one.cpu_s for one in runs),
                "peak_mib": median(one.peak_bytes for one in runs) / _MIB,
                "load": median(one.load for one in runs),
                "wall/grader": _ratio(rounds, ours, lambda one: one.wall_s),
                "cpu/grader": _ratio(rounds, ours, lambda one: one.cpu_s),
            }


def _ratio(
    rounds: dict[int, Measured], ours: dict[int, Measured], of: Callable[[Measured], float]
) -> float | None:
    """The median of the ratios within each round that has both."""
    ratios = [of(rounds[number]) / of(ours[number]) for number in rounds.keys() & ours.keys()]
    return median(ratios) if ratios else None


def _rates(done: Done) -> Iterator[dict[str, Any]]:
    """Photos per second after start-up: what more photos take, in the same round."""
    groups = _by_round(done)
    for (family, n_photos), by_program in groups.items():
        fewer = groups.get((family, N_USUAL), {})
        for program, rounds in by_program.items():
            known = rounds.keys() & fewer.get(program, {}).keys() if n_photos > N_USUAL else set()
            if not known:
                continue
            more = n_photos - N_USUAL
            walls = [rounds[one].wall_s - fewer[program][one].wall_s for one in known]
            cpus = [rounds[one].cpu_s - fewer[program][one].cpu_s for one in known]
            yield {
                "family": family,
                "program": program,
                "photos": more,
                "photos_per_s": more / median(walls),
                "cpu_ms_per_photo": 1000 * median(cpus) / more,
            }


def _exactness(done: Done, answers: Answers) -> Iterator[dict[str, Any]]:
    """The largest difference of a probability from fastai's own, and other classes at the top."""
    for family, n_photos in _by_round(done):
        report = answers("grader", family, n_photos) / "report.json"
        reference = answers("get_preds", family, n_photos)
        if report.exists() and reference.exists():
            with np.load(reference) as found:
                theirs = dict(zip(found["names"].tolist(), found["probabilities"], strict=True))
            names, ours = _answers_of(report)
            expected = np.array([theirs[name] for name in names])
            yield {
                "family": family,
                "photos": n_photos,
                "largest_difference": float(np.abs(ours - expected).max()),
                "flips": int((ours.argmax(axis=1) != expected.argmax(axis=1)).sum()),
            }


def _answers_of(report: Path) -> tuple[list[str], NDArray[np.float64]]:
    document = json.loads(report.read_text("utf-8"))
    names = [image["name"] for image in document["test_set"]["images"]]
    candidate = document["predictions"]["candidate"]
    return names, np.exp(np.array(candidate["log_probabilities"], dtype=np.float64))
