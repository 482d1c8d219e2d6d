"""Whether a hostile file ended as its index says, and did nothing else."""

import re
from collections.abc import Iterator

from acceptance.hostile.cases import Case, Score
from acceptance.hostile.runs import Graded, graded
from acceptance.watched.commands import Run
from acceptance.watched.sightings import COMMAND_LINE, EVALUATING, faults, said_of
from grader.errors import BadInputError, ModelRefusedError

MAX_WALL_S = 10.0
MAX_PEAK_BYTES = 2 * 1024**3
LOSS_TOLERANCE = 1e-5
_REFUSED = frozenset({ModelRefusedError.exit_code, BadInputError.exit_code})
_GRADED = frozenset({0, 5})
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TRACEBACK = "Traceback (most recent call last)"


def faults_of(case: Case, command: str, run: Run, control: Graded | None) -> tuple[str, ...]:
    """Everything that is wrong about a run; empty where all is well.

    Args:
        case: The file.
        command: inspect, check or evaluate.
        run: What the command did.
        control: The honest control's score by `evaluate`; None while that is unknown.
    """
    return (
        *run.fired,
        *said_of(faults(run.sightings, libraries=_libraries(command))),
        *_crash(run),
        *_cost(run),
        *_outcome(case, command, run, control),
    )


def _libraries(command: str) -> frozenset[str]:
    return COMMAND_LINE if command == "inspect" else EVALUATING


def _crash(run: Run) -> Iterator[str]:
    if _TRACEBACK in run.stderr:
        yield f"a traceback: {run.stderr.strip().splitlines()[-1]}"
    if _CONTROL_CHARACTERS.search(run.stdout + run.stderr):
        yield "control characters in what it printed"


def _cost(run: Run) -> Iterator[str]:
    if run.wall_s > MAX_WALL_S:
        yield f"it took {run.wall_s:.1f} s"
    if run.peak_bytes > MAX_PEAK_BYTES:
        yield f"it used {run.peak_bytes / 1024**3:.1f} GiB"


def _outcome(case: Case, command: str, run: Run, control: Graded | None) -> Iterator[str]:
    if run.exit_code in _GRADED:
        if command == "inspect":  # Reading can't find what only running shows.
            return
        if not case.may_be_graded:
            yield f"graded, with exit code {run.exit_code}"
        elif command == "evaluate" and control is not None:
            yield from _score(case, graded(run), control)
    elif run.exit_code not in _REFUSED:
        yield f"exit code {run.exit_code}"
    elif not case.may_be_refused:
        yield f"refused: {said(run)}"
    elif not said(run):
        yield "refused without a reason"


def _score(case: Case, found: Graded, control: Graded) -> Iterator[str]:
    if case.score is Score.TIES:
        if not found.n_ties:
            yield "no tie was counted"
        return
    if found.n_correct != control.n_correct:
        yield f"{found.n_correct} images right, the control {control.n_correct}"
    if case.score is Score.ALL and abs(found.loss - control.loss) > LOSS_TOLERANCE:
        yield f"loss {found.loss:.6f}, the control's {control.loss:.6f}"


def said(run: Run) -> str:
    """Why a file was refused, in one line."""
    lines = [line.strip() for line in (run.stderr + run.stdout).splitlines() if line.strip()]
    marked = [line for line in lines if re.match(r"(Error|refusal|fault)\b", line)]
    return " ".join((marked or lines)[:1])
