"""Which images of a graded test set are explained, and the report with their heat maps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

import numpy as np

from grader.engine.answers import Run
from grader.results.answers import TestImage
from grader.results.report import Evidence, GradeReport

# What a page shows; explaining more than that is asked for by number.
N_SHOWN = 48


def with_explanations(
    report: GradeReport,
    runs: Sequence[Run],
    images: Sequence[TestImage],
    *,
    n_images: int | None,
    on_image: Callable[[], None] = lambda: None,
) -> GradeReport:
    """The report with heat maps of the images that are worth a look.

    Args:
        report: An instructor's edition.
        runs: The candidate, then the baseline if there is one.
        images: The test set.
        n_images: How many to explain; None takes those that a page shows, and stops when it has
            taken as long as the grading did.
        on_image: Called after each of them.
    """
    evidence = report.evidence
    if evidence is None or n_images == 0:
        return report
    from grader.probing.explaining import Effort, explain  # noqa: PLC0415 - captum loads slowly

    effort = (
        Effort(n_images=N_SHOWN, most_s=report.engine.wall_s)
        if n_images is None
        else Effort(n_images=n_images)
    )
    by_name = {image.name: image for image in images}
    worth = [by_name[name] for name in worth_a_look(report, evidence)]
    found = explain(runs, worth, effort=effort, on_image=on_image)
    return replace(report, evidence=replace(evidence, explanations=found))


def worth_a_look(report: GradeReport, evidence: Evidence) -> Iterator[str]:
    """Names of images, each once: regressions, improvements and the surest mistakes in turn."""
    changes = None if report.comparison is None else report.comparison.changes
    broken = () if changes is None else tuple(one.image for one in changes.regressions)
    fixed = () if changes is None else tuple(one.image for one in changes.improvements)
    in_turn = zip_longest(broken, fixed, _surest_mistakes(evidence))
    yield from dict.fromkeys(name for name in chain.from_iterable(in_turn) if name is not None)


def _surest_mistakes(evidence: Evidence) -> Iterator[str]:
    predictions, scored = evidence.predictions, evidence.scored
    order = np.argsort(-predictions.log_probabilities.max(axis=1), kind="stable")
    for row in order.tolist():
        if predictions.labels[predictions.predictions[row]] != scored[row].label:
            yield scored[row].name
