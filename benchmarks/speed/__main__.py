"""Measures the points in turn, keeps each in a file, and goes on where it was stopped.

`python -m benchmarks.speed [--quick] [--folder DIR] [--show]`
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.speed.comparing import compare, show
from benchmarks.speed.measuring import Measured, measure
from benchmarks.speed.photos import draw_photos
from benchmarks.speed.points import FAMILIES, N_MODELS, Point, points

_N_TO_TRAIN_ON = 24
_SAY = Console(stderr=True, highlight=False)


class Bench:
    """A folder with photos, exports, and what was measured so far."""

    def __init__(self, folder: Path) -> None:
        """Draw and train what is missing."""
        self.folder = folder
        self.results = folder / "results.jsonl"
        folder.mkdir(parents=True, exist_ok=True)
        training = draw_photos(folder / "training", _N_TO_TRAIN_ON, seed=1)
        for family in FAMILIES:
            if not self._export(family).exists():
                _SAY.print(f"Training {family} for a moment")
                module = ("-m", "benchmarks.speed.exports")
                measure([*module, family, str(training), str(self._export(family))])

    def done(self) -> Iterator[tuple[Point, Measured]]:
        """What was measured so far, in that order."""
        if self.results.exists():
            for line in self.results.read_text("utf-8").splitlines():
                one = json.loads(line)
                yield Point(**one["point"]), Measured(**one["measured"])

    def run(self, point: Point) -> Measured:
        """Measure one point and keep it."""
        measured = measure(self._arguments(point))
        line = json.dumps({"point": asdict(point), "measured": asdict(measured)})
        with self.results.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        return measured

    def answers(self, contender: str, family: str, n_photos: int) -> Path:
        """Where a program leaves its answers."""
        ending = "" if contender.startswith("grader") else ".npz"
        return self.folder / f"{contender}-{family}-{n_photos}{ending}"

    def _export(self, family: str) -> Path:
        return self.folder / f"{family}.pkl"

    def _arguments(self, point: Point) -> list[str]:
        photos = str(draw_photos(self.folder / f"photos-{point.n_photos}", point.n_photos))
        export = self._export(point.family)
        out = self.answers(point.contender, point.family, point.n_photos)
        evaluate = ["-m", "grader", "evaluate", str(export), "--data", photos]
        match point.contender:
            case "grader":
                return [*evaluate, "--out", str(out), "--format", "json"]
            case "grader_two":
                baseline = ["--baseline", str(self._copies(export, 1)[0])]
                return [*evaluate, *baseline, "--out", str(out), "--format", "json"]
            case "grader_ten":
                copies = map(str, self._copies(export, N_MODELS))
                return ["-m", "benchmarks.speed.several", *copies, "--data", photos]
            case kind:
                module = ["-m", "benchmarks.speed.scripts", kind]
                return [*module, str(export), photos, str(out)]

    def _copies(self, export: Path, n_copies: int) -> list[Path]:
        """The same network several times over; nothing is shared but what equal photos share."""
        made = [export.with_name(f"{export.stem}-{number}.pkl") for number in range(n_copies)]
        for path in made:
            if not path.exists():
                shutil.copyfile(export, path)
        return made


def main() -> int:
    """Measure what is missing, then show all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and photos: 15 minutes")
    parser.add_argument("--show", action="store_true", help="measure nothing, only show")
    parser.add_argument("--folder", type=Path, default=Path("build/bench/speed"))
    arguments = parser.parse_args()
    bench = Bench(arguments.folder)
    wanted = () if arguments.show else tuple(points(is_quick=arguments.quick))
    known = {point.key for point, _ in bench.done()}
    start = time.monotonic()
    for number, point in enumerate(wanted, 1):
        if point.key not in known:
            measured = bench.run(point)
            elapsed = f"{time.monotonic() - start:.0f} s"
            said = f"{measured.wall_s:.1f} s, load {measured.load:.1f}"
            _SAY.print(f"{number}/{len(wanted)} {point.key}: {said} ({elapsed})")
    compared = compare(tuple(bench.done()), bench.answers)
    (bench.folder / "speed.json").write_text(json.dumps(compared, indent=1), "utf-8")
    show(compared, Console(width=120))
    return 0


if __name__ == "__main__":
    sys.exit(main())
