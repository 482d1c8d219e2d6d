"""Both models of a report, alike."""

from grader.reports.models import models_of
from tests.factories import make_report


def test_the_candidate_comes_first() -> None:
    """Each with its own facts and scores."""
    report = make_report(baseline=(0, 0, 0, 1))
    assert report.comparison is not None
    candidate, baseline = models_of(report)
    assert (candidate.key, candidate.info, candidate.scores) == (
        "candidate",
        report.model,
        report.scores,
    )
    assert (baseline.key, baseline.info, baseline.scores) == (
        "baseline",
        report.comparison.baseline,
        report.comparison.baseline_scores,
    )


def test_without_a_baseline_there_is_one_model() -> None:
    """The candidate."""
    assert [model.key for model in models_of(make_report())] == ["candidate"]
