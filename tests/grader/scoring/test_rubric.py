"""Scores are judged by the rubric's rules, and undefined values meet none."""

from dataclasses import replace

import numpy as np
import pytest

from grader.results import Comparison
from grader.scores import ModelScores
from grader.scoring.comparison import compare
from grader.scoring.metrics import confusion_matrix, per_class_scores
from grader.scoring.rubric import judge
from hidden_test_spec.reading import read_spec
from tests.factories import LABELS, as_targets, make_images, make_rubric, make_scored

TARGETS = (0, 0, 0, 0, 1, 1, 1, 1)
BASELINE = (0, 1, 1, 1, 1, 1, 1, 1)
CANDIDATE = (0, 0, 0, 1, 1, 1, 0, 0)  # recalls 3/4 and 2/4, precisions 3/5 and 2/3
SCORES = make_scored(CANDIDATE, TARGETS, n_images=10).scores  # accuracy 5/10, readable 5/8

# The source document's fine-tuned model: right and all photos of each bird, in the spec's order.
DOCUMENT_RIGHT = (12, 13, 16, 14, 15, 14, 11, 16)
DOCUMENT_SUPPORT = (15, 16, 16, 14, 15, 15, 13, 16)


def small_comparison() -> Comparison:
    """Two regressions and two improvements: the accuracy doesn't change."""
    return compare(
        make_scored(BASELINE, TARGETS, name="baseline.pkl"),
        make_scored(CANDIDATE, TARGETS),
        images=make_images(TARGETS, labels=LABELS),
        targets=as_targets(TARGETS),
        n_images=8,
    )


def document_scores() -> ModelScores:
    """The document's printed numbers: accuracy 0.925000, loss 0.209549 and its recalls."""
    labels = read_spec("birds").labels
    n_wrong = [n - right for n, right in zip(DOCUMENT_SUPPORT, DOCUMENT_RIGHT, strict=True)]
    targets = np.repeat(np.arange(8), DOCUMENT_SUPPORT)
    predicted = np.concatenate(
        [
            np.repeat([bird, (bird + 1) % 8], [right, wrong])
            for bird, (right, wrong) in enumerate(zip(DOCUMENT_RIGHT, n_wrong, strict=True))
        ]
    )
    matrix = confusion_matrix(targets, predicted, vocab=labels)
    metrics = replace(SCORES.metrics, loss=0.209549, accuracy=0.925, n_correct=111, n_scored=120)
    return ModelScores(metrics=metrics, per_class=per_class_scores(matrix), confusion_matrix=matrix)


def test_the_documents_model_passes_the_birds_rubric_with_all_points() -> None:
    """Accuracy 0.925000, loss 0.209549, its eight recalls and a positive change."""
    comparison = replace(small_comparison(), accuracy_change=1 / 120)
    verdicts, grade = judge(read_spec("birds").rubric, document_scores(), comparison)
    assert [verdict.found for verdict in verdicts] == [0.925, 0.209549, 12 / 15, 1 / 120]
    assert (grade.points, grade.points_possible, grade.passed) == (10, 10, True)


def test_one_photo_fewer_fails_the_birds_rubric() -> None:
    """110 of 120 is below the accuracy, which costs its 4 points and the pass."""
    scores = document_scores()
    scores = replace(scores, metrics=replace(scores.metrics, accuracy=110 / 120))
    comparison = replace(small_comparison(), accuracy_change=1 / 120)
    _, grade = judge(read_spec("birds").rubric, scores, comparison)
    assert (grade.points, grade.passed) == (6, False)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("accuracy >= 0.1", 5 / 10),
        ("accuracy_readable >= 0.1", 5 / 8),
        ("loss <= 9", SCORES.metrics.loss),
        ("recall >= 0.1 in every class", 2 / 4),
        ("recall <= 0.9 in every class", 3 / 4),
        ("precision > 0.1 in every class", 3 / 5),
        ("f1 < 0.9 in every class", 6 / 9),
        ("accuracy_change >= -1 against the first stage", 0.0),
        ("n_regressions <= 9 against the first stage", 2),
        ("n_improvements > 1 against the first stage", 2),
    ],
)
def test_each_metric_is_judged_by_its_own_value(rule: str, found: float) -> None:
    """Of the classes the worst one counts, which depends on the rule's direction."""
    (verdict,), _ = judge(make_rubric(rule), SCORES, small_comparison())
    assert verdict.found == pytest.approx(found)
    assert verdict.passed


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        (">=", True, True, False),
        (">", True, False, False),
        ("<=", False, True, True),
        ("<", False, False, True),
    ],
)
def test_each_sign_compares_as_written(
    comparison: str, *, below: bool, equal: bool, above: bool
) -> None:
    """An accuracy of 0.5 against thresholds below, at and above it."""
    rules = [f"accuracy {comparison} {threshold}" for threshold in (0.4, 0.5, 0.6)]
    verdicts, _ = judge(make_rubric(*rules), SCORES, None)
    assert [verdict.passed for verdict in verdicts] == [below, equal, above]


@pytest.mark.parametrize("metric", ["accuracy_change", "n_regressions", "n_improvements"])
@pytest.mark.parametrize("comparison", [">=", "<="])
def test_without_a_baseline_no_change_is_met(metric: str, comparison: str) -> None:
    """An undefined value is met by no rule, whatever the sign."""
    rule = f"{metric} {comparison} 0 against the first stage"
    (verdict,), grade = judge(make_rubric(rule), SCORES, None)
    assert (verdict.found, verdict.passed, verdict.points) == (None, False, 0.0)
    assert not grade.passed


def test_a_class_without_images_is_left_out_of_every_class() -> None:
    """Its recall is undefined, yet the criterion is met by the others."""
    scores = make_scored((0, 0), (0, 0)).scores
    (verdict,), _ = judge(make_rubric("recall >= 0.8 in every class"), scores, None)
    assert (verdict.found, verdict.passed) == (1.0, True)


def test_a_class_with_images_that_is_never_predicted_fails_a_rule_about_precision() -> None:
    """Its precision is undefined, which no other class makes good."""
    scores = make_scored((0, 0, 0), (0, 0, 1)).scores
    (verdict,), _ = judge(make_rubric("precision >= 0.1 in every class"), scores, None)
    assert (verdict.found, verdict.passed) == (None, False)


def test_a_verdict_tells_the_rule_the_points_and_the_threshold() -> None:
    """A missed criterion earns nothing."""
    rubric = make_rubric("accuracy >= 0.5", "accuracy >= 0.9", points=3)
    (met, missed), grade = judge(rubric, SCORES, None)
    assert (met.criterion, met.points, met.required) == ("accuracy >= 0.5", 3, 0.5)
    assert (missed.points, missed.points_possible, missed.required) == (0, 3, 0.9)
    assert (grade.points, grade.points_possible) == (3, 6)


def test_without_pass_points_every_criterion_must_be_met() -> None:
    """One missed criterion of two fails."""
    _, grade = judge(make_rubric("accuracy >= 0.5", "accuracy >= 0.9"), SCORES, None)
    assert not grade.passed


@pytest.mark.parametrize(("pass_points", "passed"), [(1.0, True), (1.5, False)])
def test_with_pass_points_the_points_decide(pass_points: float, *, passed: bool) -> None:
    """One point earned passes where one is enough."""
    rubric = make_rubric("accuracy >= 0.5", "accuracy >= 0.9", pass_points=pass_points)
    _, grade = judge(rubric, SCORES, None)
    assert grade.passed is passed
