"""Grades an export with the command itself, `python -m grader evaluate`, watched and measured."""

import sys
import tempfile
from pathlib import Path

from acceptance.exports.corpus import Row
from acceptance.exports.outcomes import Outcome, answers_of_csv
from acceptance.watched.commands import Conditions, run_command
from acceptance.watched.sightings import EVALUATING, Sighting, faults
from acceptance.watched.watching import Watched

# What writing a report into a folder does.
_OF_REPORTS = frozenset({"write", "os.mkdir", "os.remove"})


def graded_by_command(row: Row, *, limit_s: float) -> Outcome:
    """The outcome of `grader evaluate` for a row's export; the answers are those of its CSV.

    Names aren't watched for: the library call does that for the same export, it takes time, and
    here time is measured.
    """
    with tempfile.TemporaryDirectory() as out:
        watched = Watched(path=str(row.export), names=frozenset())
        options = ["--data", str(row.images), "--device", "cpu", "--out", out]
        run = run_command(
            [sys.executable, "-m", "grader", "evaluate", str(row.export), *options],
            Conditions(watched=watched, limit_s=limit_s, hidden=row.images),
        )
        predictions = Path(out) / "predictions.csv"
        is_graded = run.exit_code == 0 and predictions.exists()
        return Outcome(
            exit_code=run.exit_code,
            message=run.stderr.strip(),
            answers=answers_of_csv(predictions) if is_graded else None,
            wall_s=run.wall_s,
            faults=faults(
                (one for one in run.sightings if not _is_report(one, out)), libraries=EVALUATING
            ),
        )


def _is_report(sighting: Sighting, out: str) -> bool:
    """Whether the sighting comes from writing the report of `--out`."""
    return sighting.kind in _OF_REPORTS and sighting.what.strip("'").startswith(out)
