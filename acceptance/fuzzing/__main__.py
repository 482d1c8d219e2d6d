"""Fuzzes the reading of exports in rounds, then measures which of its lines the run reached.

    python -m acceptance.fuzzing [--seconds N] [--inputs N]

Exit codes: 0 if nothing was found and enough was reached, 1 otherwise. The log, the files that
were kept and those that revealed a fault are in build/fuzzing.
"""

import argparse
import math
import shutil
import subprocess
import sys
from pathlib import Path

from acceptance.fuzzing.rounds import ROUND_S, Ground, Limit, Round, run_round
from acceptance.fuzzing.seeds import all_seeds

_FOLDER = Path("build", "fuzzing")


def main() -> int:
    """Fuzz for at least this long and this many files, then report; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m acceptance.fuzzing")
    parser.add_argument("--seconds", type=int, default=600, help="at least so long")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="at least so many files")
    asked, _ = parser.parse_known_args()  # the session passes those of the commands too
    ground = _fresh_ground()
    if not _fuzz(ground, asked.seconds, asked.inputs):
        return 1
    measure = [
        sys.executable,
        "-m",
        "acceptance.fuzzing.replaying",
        *map(str, (ground.seeds, ground.corpus)),
    ]
    return subprocess.run(measure, check=False).returncode


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _fresh_ground() -> Ground:
    shutil.rmtree(_FOLDER, ignore_errors=True)
    ground = Ground(
        seeds=_FOLDER / "seeds",
        corpus=_FOLDER / "corpus",
        faults=_FOLDER / "faults",
        log=_FOLDER / "log.txt",
    )
    for folder in (ground.seeds, ground.corpus, ground.faults):
        folder.mkdir(parents=True)
    for name, data in all_seeds().items():
        (ground.seeds / f"{name}.pkl").write_bytes(data)
    return ground


def _fuzz(ground: Ground, seconds: int, n_inputs: int) -> bool:
    """Run rounds until both minimums are reached; False as soon as a round finds a fault."""
    rounds: list[Round] = []
    while left := _left(rounds, seconds, n_inputs):
        now = run_round(ground, left)
        rounds.append(now)
        n_kept = sum(1 for _ in ground.corpus.iterdir())
        _say(
            f"round {len(rounds)}: {now.n_inputs} files in {now.seconds:.0f} s, "
            f"at most {now.peak_mib} MiB; {n_kept} files kept so far"
        )
        if now.fault:
            _say(
                f"{now.fault}\nThe log is {ground.log}; files that were not borne: {ground.faults}"
            )
            return False
    n_read, took_s = sum(one.n_inputs for one in rounds), sum(one.seconds for one in rounds)
    _say(f"{n_read} files in {took_s:.0f} s: nothing found")
    return True


def _left(rounds: list[Round], seconds: int, n_inputs: int) -> Limit | None:
    """What the next round may take; None once both minimums are reached."""
    seconds_left = seconds - sum(one.seconds for one in rounds)
    inputs_left = n_inputs - sum(one.n_inputs for one in rounds)
    if seconds_left > 0:
        return Limit(seconds=min(ROUND_S, math.ceil(seconds_left)))
    return Limit(seconds=ROUND_S, n_inputs=inputs_left) if inputs_left > 0 else None


if __name__ == "__main__":
    sys.exit(main())
