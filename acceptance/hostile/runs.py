"""Runs `inspect`, `check` and `evaluate` on a hostile file, each as a separate command."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from acceptance.hostile.cases import Case
from acceptance.watched.commands import Conditions, Run, run_command
from acceptance.watched.watching import Watched

COMMANDS = ("inspect", "check", "evaluate")
ENDED_AFTER_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """Where the files are tried: the test folder, and a spec of its classes."""

    images: Path
    spec: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """The score that `evaluate` gave."""

    n_correct: int
    n_ties: int
    loss: float


def try_command(case: Case, command: str, hall: Hall) -> Run:
    """Run one command on one file.

    Names that the file mentions aren't watched for: to find them the file would have to be read,
    and some of these files are made to stop any reader. Everything else is watched.
    """
    options = {
        "inspect": [],
        "check": ["--spec", str(hall.spec), "--data", str(hall.images)],
        "evaluate": ["--data", str(hall.images), "--device", "cpu", "--format", "json"],
    }
    return run_command(
        [sys.executable, "-m", "grader", command, str(case.file), *options[command]],
        Conditions(
            watched=Watched(path=str(case.file), names=frozenset()),
            limit_s=ENDED_AFTER_S,
            hidden=hall.images,
        ),
    )


def graded(run: Run) -> Graded:
    """The score in the report that `evaluate` printed."""
    metrics = json.loads(run.stdout)["metrics"]
    return Graded(n_correct=metrics["n_correct"], n_ties=metrics["n_ties"], loss=metrics["loss"])


def write_spec(images: Path, spec: Path) -> None:
    """Write a spec whose classes are the images' folders and whose rubric everything passes."""
    labels = sorted(folder.name for folder in images.iterdir() if folder.is_dir())
    lines = ['name = "hostile"', 'version = "1.0.0"']
    for label in labels:
        lines += ["[[classes]]", f"label = {json.dumps(label)}", f"queries = [{json.dumps(label)}]"]
    lines += ["[rubric]", 'criteria = [{ rule = "accuracy >= 0", points = 1 }]']
    spec.write_text("\n".join(lines) + "\n", "utf-8")
