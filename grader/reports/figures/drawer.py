"""Draws figures in another process, which imports matplotlib while this one grades.

It is a program of its own and ends with this process. Where it can't be had, or fails, the figures
are drawn here.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import TypeAlias

from grader.results.report import GradeReport
from grader.words.language import Language

ENDINGS = ("png", "svg")
FIGURE_NAMES = (
    "confusion_matrix",
    "confusion_matrix_by_row",
    "baseline_confusion_matrix",
    "baseline_confusion_matrix_by_row",
    "reliability",
    "class_changes",
)
# How a report's figures are begun, and later waited for.
Begin: TypeAlias = Callable[[GradeReport, Language], Callable[[], dict[str, bytes]]]

PROGRAM = "grader.reports.figures.drawing_program"


class Drawer(AbstractContextManager["Drawer"]):
    """A process that draws the figures of one report."""

    def __init__(self) -> None:
        """Start it."""
        self._process = _started()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            self._process.wait()

    def begin(self, report: GradeReport, language: Language) -> Callable[[], dict[str, bytes]]:
        """Begin to draw, in a language.

        Returns:
            To be called once: waits for the figures, and returns name and content of each file.
        """
        process = self._process
        here = begin_here(report, language)
        if process is None or not _is_told(process, report, language):
            return here

        def drawn() -> dict[str, bytes]:
            content, _ = process.communicate()
            if process.returncode != 0:
                return here()
            files: dict[str, bytes] = pickle.loads(content)  # noqa: S301 - our own program wrote it
            return files

        return drawn


def begin_here(report: GradeReport, language: Language) -> Callable[[], dict[str, bytes]]:
    """As `Drawer.begin`, but this process draws, when it is waited for."""

    def drawn() -> dict[str, bytes]:
        from grader.reports.figures.files import figure_files  # noqa: PLC0415 - imports matplotlib

        return figure_files(report, language)

    return drawn


def begin_none(_report: GradeReport, _language: Language) -> Callable[[], dict[str, bytes]]:
    """As `Drawer.begin`, but there are no figures."""
    return dict


def _started() -> subprocess.Popen[bytes] | None:
    # -P keeps what lies in the working folder from being imported.
    command = [sys.executable, "-P", "-W", "ignore", "-m", PROGRAM]
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)  # noqa: PTH100 - strings
    try:
        return subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except (OSError, TypeError):
        return None


def _is_told(process: subprocess.Popen[bytes], report: GradeReport, language: Language) -> bool:
    """Hand the report over; False if the process has ended."""
    if process.stdin is None:
        return False
    try:
        process.stdin.write(pickle.dumps((report, language.code)))
        process.stdin.close()
    except OSError:
        return False
    process.stdin = None  # so that nobody closes it again
    return True
