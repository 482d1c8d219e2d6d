"""Loads exports with the installed fastai's own `load_learner`, to compare with the grader.

This runs what the files say, so it is only for files that are known to be honest.
"""

import time
import warnings
from pathlib import Path

import numpy as np
from fastai.learner import load_learner

from acceptance.exports.corpus import Answers
from acceptance.exports.outcomes import Outcome, as_reply
from acceptance.exports.workers import Reply, Request, serve

ENDINGS = frozenset({".jpg", ".jpeg", ".png"})


def main() -> None:
    """Serve until standard input ends."""
    warnings.simplefilter("ignore")
    serve(_reply)


def _reply(request: Request) -> Reply:
    """Predict with the `export` of a request on its folder of `images`, both absolute paths."""
    start = time.perf_counter()
    answers, message = None, ""
    try:
        answers = _predicted(Path(request["export"]), Path(request["images"]))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - any error means that it didn't load
        message = f"{type(error).__name__}: {error}"
    wall_s = time.perf_counter() - start
    code = 0 if answers is not None else 1
    return as_reply(
        Outcome(exit_code=code, message=message, answers=answers, wall_s=wall_s, faults=())
    )


def _predicted(export: Path, images: Path) -> Answers:
    """The output of get_preds: probabilities, or scores where the loss has no activation."""
    paths = sorted(path for path in images.rglob("*") if path.suffix.lower() in ENDINGS)
    learner = load_learner(export)
    with learner.no_bar(), learner.no_logging():
        given, _ = learner.get_preds(dl=learner.dls.test_dl(paths, num_workers=0))
    return Answers(
        images=tuple(path.relative_to(images).as_posix() for path in paths),
        vocab=tuple(map(str, learner.dls.vocab)),
        probabilities=np.array(given, dtype=np.float64),
    )


if __name__ == "__main__":
    main()
