"""The accuracy on worse photos, by models that see only colours."""

from pathlib import Path

import pytest

from grader.grading.grade import grade
from grader.grading.request import GradeRequest
from grader.results.report import GradeReport
from hidden_test_spec.rules import CORRUPTIONS
from hidden_test_spec.spec import ClassSpec, Spec
from tests.factories import make_rubric

LABELS = ("red", "green", "blue")


def spec_with(*rules: str) -> Spec:
    """A spec of the three colours."""
    classes = tuple(ClassSpec(label=label, queries=(label,)) for label in LABELS)
    return Spec(name="colours", version="1.0.0", classes=classes, rubric=make_rubric(*rules))


@pytest.fixture(scope="module")
def tried(sound_model: Path, reddish_model: Path, colour_folder: Path) -> GradeReport:
    """Both models on all kinds of worse photos."""
    return grade(
        GradeRequest(
            model=sound_model,
            data=colour_folder,
            baseline=reddish_model,
            device="cpu",
            is_robustness_measured=True,
        )
    )


def test_every_corruption_is_tried_with_both_models(tried: GradeReport) -> None:
    """In one order, with intervals around the shares."""
    assert tried.comparison is not None
    for scores in (tried.scores, tried.comparison.baseline_scores):
        assert [one.corruption for one in scores.robustness] == list(CORRUPTIONS)
        for one in scores.robustness:
            assert one.accuracy == one.n_correct / scores.metrics.n_scored
            assert one.interval.low <= one.accuracy <= one.interval.high


def test_a_model_that_sees_colours_takes_no_notice_of_places(tried: GradeReport) -> None:
    """What moves pixels and keeps colours moves no answer."""
    found = {one.corruption: one.accuracy for one in tried.scores.robustness}
    assert [found[name] for name in ("mirror", "crop", "rotation", "blur")] == [1.0] * 4


def test_a_rule_tries_what_it_asks_about(sound_model: Path, colour_folder: Path) -> None:
    """Unasked, and earns its points; progress goes on to its end."""
    seen: list[tuple[int, int]] = []
    report = grade(
        GradeRequest(
            model=sound_model,
            data=colour_folder,
            spec=spec_with("accuracy under mirror >= 0.8", "accuracy >= 0.5"),
            device="cpu",
        ),
        on_progress=lambda *done: seen.append(done),
    )
    assert [one.corruption for one in report.scores.robustness] == ["mirror"]
    assert [(one.found, one.passed) for one in report.verdicts] == [(1.0, True), (1.0, True)]
    assert seen[-1] == (18, 18)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_unasked_nothing_is_tried(sound_model: Path, colour_folder: Path) -> None:
    """It would take eight times as long."""
    report = grade(GradeRequest(model=sound_model, data=colour_folder, device="cpu"))
    assert report.scores.robustness == ()
