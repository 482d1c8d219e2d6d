"""Grades exports with the grader's own library call, watched, one request after another."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch  # Before any export is opened, as on the command line.

from acceptance.exports.corpus import Answers
from acceptance.exports.outcomes import Outcome, as_reply
from acceptance.exports.workers import Reply, Request, serve
from acceptance.watched.names import names_in
from acceptance.watched.sightings import EVALUATING, faults
from acceptance.watched.watching import Watched, Watcher
from grader.errors import GraderError
from grader.grading.grade import grade
from grader.grading.request import GradeRequest
from grader.results.report import GradeReport


def main() -> None:
    """Serve until standard input ends."""
    torch.set_num_threads(1)  # There is one process for each core.
    watcher = Watcher()
    serve(lambda request: _reply(request, watcher))


def _reply(request: Request, watcher: Watcher) -> Reply:
    """Grade the `export` of a request on its folder of `images`, both absolute paths."""
    export = Path(request["export"])
    watched = Watched(path=str(export), names=names_in(export))
    start = time.perf_counter()
    with watcher.on(watched) as seen:
        outcome = _graded(GradeRequest(model=export, data=Path(request["images"]), device="cpu"))
    wall_s = time.perf_counter() - start
    found = faults(seen, libraries=EVALUATING)
    return as_reply(replace(outcome, wall_s=wall_s, faults=found))


def _graded(request: GradeRequest) -> Outcome:
    try:
        answers, code, message = _answers(grade(request)), 0, ""
    except GraderError as error:
        answers, code, message = None, error.exit_code, str(error)
    except Exception as error:  # noqa: BLE001 - a crash is a result here, and fails its row
        answers, code, message = None, 1, f"crashed: {type(error).__name__}: {error}"
    return Outcome(exit_code=code, message=message, answers=answers, wall_s=0.0, faults=())


def _answers(report: GradeReport) -> Answers:
    evidence = report.evidence
    if evidence is None:
        raise TypeError("an instructor's edition has evidence")
    predictions = evidence.predictions
    columns = [predictions.labels.index(label) for label in predictions.vocab_labels]
    return Answers(
        images=tuple(image.name for image in evidence.scored),
        vocab=predictions.vocab_labels,
        probabilities=np.array(predictions.probabilities[:, columns]),
    )


if __name__ == "__main__":
    main()
