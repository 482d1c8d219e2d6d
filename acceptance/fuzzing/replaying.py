"""Which lines of the reading side a folder of files reaches, measured by reading each once more.

python -m acceptance.fuzzing.replaying FOLDER...
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import coverage

MIN_SHARE = 0.95

_LOADING = Path(__file__).parents[2] / "grader" / "loading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How much of one module was reached; `missed` are line numbers."""

    module: str
    n_lines: int
    missed: tuple[int, ...]

    @property
    def share(self) -> float:
        """The share of its lines that ran, from 0 to 1."""
        return 1 - len(self.missed) / self.n_lines


def reach_of(files: list[Path]) -> tuple[Reach, ...]:
    """Read every file and measure how much of each module of the reading side that reached.

    Nothing of the reading side may have been imported before, or its import lines count as missed.
    """
    measured = coverage.Coverage(data_file=None, config_file=False, include=[f"{_LOADING}/**"])
    measured.start()
    from acceptance.fuzzing.target import read_or_refuse  # noqa: PLC0415 - its import is measured

    for file in files:
        read_or_refuse(file)
    measured.stop()
    names = sorted(name for name in sys.modules if name.startswith("grader.loading."))
    found = []
    for name in names:
        _, lines, _, missed, _ = measured.analysis2(sys.modules[name])
        if not lines:  # A room's own file has only a docstring, and nothing to run.
            continue
        found.append(Reach(module=name, n_lines=len(lines), missed=tuple(missed)))
    return tuple(found)


def main() -> int:
    """Print a table of the modules; return 1 if too little of one was reached, else 0."""
    with tempfile.NamedTemporaryFile() as empty:
        # libFuzzer reads an empty file first and never keeps it.
        files = [Path(empty.name)]
        files += [file for folder in sys.argv[1:] for file in sorted(Path(folder).iterdir())]
        found = reach_of(files)
    sys.stdout.write(f"{'module':31} lines  reached  not reached\n")
    for one in found:
        missed = ", ".join(map(str, one.missed))
        sys.stdout.write(f"{one.module:31} {one.n_lines:5}  {one.share:7.1%}  {missed}\n")
    few = [one.module for one in found if one.share < MIN_SHARE]
    if few:
        sys.stdout.write(f"Less than {MIN_SHARE:.0%} was reached of {', '.join(few)}.\n")
    return 1 if few else 0


if __name__ == "__main__":
    sys.exit(main())
