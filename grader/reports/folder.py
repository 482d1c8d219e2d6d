"""Writes the files of a report into a folder."""

import errno
from pathlib import Path

from grader.errors import BadInputError, GraderError, MachineError
from grader.grade_report import GradeReport
from grader.reports.as_csv import predictions_csv
from grader.reports.as_json import report_json
from grader.reports.plots import confusion_matrix_figure


def make_folder(out: Path) -> None:
    """Make the folder before the work starts, so that a wrong path costs no grading.

    Raises:
        BadInputError: If it can't be made.
        MachineError: If the disk is full.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(out, error) from error


def write_report(report: GradeReport, out: Path) -> tuple[Path, ...]:
    """Write report.json, predictions.csv and a confusion matrix for each model.

    Files of an earlier report in the same folder are replaced.

    Returns:
        The paths of the files.

    Raises:
        BadInputError: If a file can't be written.
        MachineError: If the disk is full.
    """
    texts = {"report.json": report_json(report)}
    if report.evidence is not None:
        texts["predictions.csv"] = predictions_csv(report.evidence)
    matrices = {"confusion_matrix.png": ("Confusion matrix", report.scores.confusion_matrix)}
    if report.comparison is not None:
        baseline = report.comparison.baseline_scores.confusion_matrix
        matrices["baseline_confusion_matrix.png"] = ("Confusion matrix of the baseline", baseline)
    try:
        for name, text in texts.items():
            (out / name).write_text(text, "utf-8", newline="")
        for name, (title, matrix) in matrices.items():
            confusion_matrix_figure(matrix, title=title).savefig(out / name)
        if report.comparison is None:
            (out / "baseline_confusion_matrix.png").unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(out, error) from error
    return tuple(out / name for name in (*texts, *matrices))


def _cannot_write(out: Path, error: OSError) -> GraderError:
    reason = error.strerror or str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return MachineError(
            what=f"The report can't be written ({reason})",
            where=str(out),
            advice="free some space, or give --out on another disk, and run it again",
        )
    return BadInputError(
        what=f"The report can't be written ({reason})",
        where=str(out),
        advice="give --out a folder that you may write to",
    )
