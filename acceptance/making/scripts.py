"""Runs the scripts of patterns in the environment that they are made for."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acceptance.making.environments import Environment

PATTERNS = Path(__file__).parent / "patterns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be made, and where.

    Attributes:
        corpus: Gets the exports; holds the test photos.
        homes: Holds the environments, and in `ground` the photos to train on.
        only: Only patterns whose name holds this.
        limit_s: Time for all the patterns of one script.
    """

    corpus: Path
    homes: Path
    only: str = ""
    limit_s: float = 7200.0


def run_scripts(environment: Environment, python: Path, job: Job) -> Iterator[str]:
    """Run the scripts of an environment by its Python; the names of those that didn't finish.

    Each script leaves exports with their records, a traceback for each pattern that this
    environment can't make, and a log.
    """
    folder = job.corpus / "exports" / environment.name
    folder.mkdir(parents=True, exist_ok=True)
    for theme in environment.themes:
        command = [str(python), str(PATTERNS / f"{theme}.py"), "--out", str(folder)]
        command += ["--photos", str(job.corpus), "--ground", str(job.homes / "ground")]
        if not _runs([*command, "--only", job.only], folder / f"{theme}.log", job):
            yield theme


def _runs(command: list[str], log: Path, job: Job) -> bool:
    with log.open("a", encoding="utf-8") as file:
        try:
            done = subprocess.run(
                command,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=job.limit_s,
                cwd=job.homes,
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0
