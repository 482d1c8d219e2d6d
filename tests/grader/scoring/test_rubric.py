"""Scores are judged by the rubric's rules, and undefined values meet none."""

from dataclasses import replace

import numpy as np
import pytest

from grader.results.comparisons import ClassChange, Comparison
from grader.results.scores import CorruptedAccuracy, Interval, ModelScores
from grader.scoring.metrics import most_confused
from grader.scoring.per_class import class_scores, confusion_matrix
from grader.scoring.rubric import CHANGES, OVERALL, PER_CLASS, WORSE_PHOTOS, judge
from grader.scoring.sample_sizes import independent
from hidden_test_spec.reading import read_spec
from hidden_test_spec.rules import SCOPES, WITH_INTERVAL, Scope
from hidden_test_spec.spec import Criterion, Rubric
from tests.factories import make_predictions, make_report, make_rubric, make_scored

TARGETS = (0, 0, 0, 0, 1, 1, 1, 1)
BASELINE = (0, 1, 1, 1, 1, 1, 1, 1)
CANDIDATE = (0, 0, 0, 1, 1, 1, 0, 0)  # recalls 3/4 and 2/4, precisions 3/5 and 2/3
SCORES = make_scored(CANDIDATE, TARGETS, n_images=10).scores  # accuracy 5/10, readable 5/8
METRICS = SCORES.metrics
SIX_LABELS = ("a", "b", "c", "d", "e", "f")

# The source document's fine-tuned model: right and all photos of each bird, in the spec's order.
DOCUMENT_RIGHT = (12, 13, 16, 14, 15, 14, 11, 16)
DOCUMENT_SUPPORT = (15, 16, 16, 14, 15, 15, 13, 16)


def small_comparison() -> Comparison:
    """Two regressions and two improvements: the accuracy doesn't change."""
    comparison = make_report(targets=TARGETS, candidate=CANDIDATE, baseline=BASELINE).comparison
    assert comparison is not None
    return comparison


def on_bound(rule: str) -> Rubric:
    """A rubric of this one rule, judged on the bound."""
    return Rubric(criteria=(Criterion(rule=rule, points=1.0, on="bound"),))


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
    predictions = make_predictions(predicted.tolist(), labels=labels)
    return replace(
        SCORES,
        metrics=replace(METRICS, loss=0.209549, accuracy=0.925, n_correct=111, n_scored=120),
        per_class=class_scores(predictions, independent(targets), level=0.95),
        confusion_matrix=matrix,
        most_confused=most_confused(matrix),
    )


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
        ("loss <= 9", METRICS.loss),
        ("balanced_accuracy >= 0.1", 5 / 8),
        ("macro_f1 >= 0.1", (6 / 9 + 4 / 7) / 2),
        ("brier <= 2", (5 * 1 / 8 + 3 * 9 / 8) / 8),
        ("ece <= 1", 3 / 4 - 5 / 8),
        ("recall >= 0.1 in every class", 2 / 4),
        ("recall <= 0.9 in every class", 3 / 4),
        ("precision > 0.1 in every class", 3 / 5),
        ("f1 < 0.9 in every class", 6 / 9),
        ("auc >= 0.1 in every class", (3 * 2 + (3 * 2 + 1 * 2) / 2) / 16),
        ("mean_loss <= 9 in every class", -(2 * np.log(3 / 4) + 2 * np.log(1 / 4)) / 4),
        ("accuracy_change >= -1 against the first stage", 0.0),
        ("loss_change <= 0.1 against the first stage", 0.0),
        ("n_regressions <= 9 against the first stage", 2),
        ("n_improvements > 1 against the first stage", 2),
        ("n_confidence_drops <= 0 against the first stage", 0),
        ("n_confidence_gains <= 0 against the first stage", 0),
        ("churn <= 0.9 against the first stage", 4 / 8),
        ("negative_flip_rate <= 0.5 against the first stage", 2 / 8),
        ("positive_flip_rate >= 0.1 against the first stage", 2 / 8),
        ("n_better_classes <= 0 against the first stage", 0),
        ("n_worse_classes <= 0 against the first stage", 0),
        ("mcnemar_p > 0.5 against the first stage", 1.0),
    ],
)
def test_each_metric_is_judged_by_its_own_value(rule: str, found: float) -> None:
    """The worst class counts; which one that is depends on the rule's direction."""
    (verdict,), _ = judge(make_rubric(rule), SCORES, small_comparison())
    assert verdict.found == pytest.approx(found, abs=1e-12)
    assert verdict.passed


def test_the_tests_of_equivalence_are_judged_by_their_p() -> None:
    """Non-inferiority by its own p, equivalence by the larger of both."""
    comparison = small_comparison()
    changed = replace(
        comparison,
        equivalence=replace(comparison.equivalence, p_non_inferior=0.01, p_non_superior=0.2),
    )
    rubric = make_rubric(
        "non_inferiority_p < 0.05 against the first stage",
        "equivalence_p < 0.05 against the first stage",
    )
    verdicts, _ = judge(rubric, SCORES, changed)
    assert [(one.found, one.passed) for one in verdicts] == [(0.01, True), (0.2, False)]


def test_classes_that_became_better_or_worse_are_counted() -> None:
    """By their verdicts."""
    comparison = small_comparison()

    def told(change: ClassChange) -> ClassChange:
        return replace(change, direction="worse" if change.label == "wren" else "better")

    changed = replace(comparison, per_class=tuple(map(told, comparison.per_class)))
    rubric = make_rubric(
        "n_better_classes >= 1 against the first stage",
        "n_worse_classes <= 0 against the first stage",
    )
    verdicts, _ = judge(rubric, SCORES, changed)
    assert [(one.found, one.passed) for one in verdicts] == [(1, True), (1, False)]


@pytest.mark.parametrize(("k", "expected"), [(2, 3 / 4), (3, 1.0), (5, 1.0)])
def test_each_top_k_accuracy_is_judged_by_its_own(k: int, expected: float) -> None:
    """One of four images has its class in last place, but tied with four others."""
    metrics = make_scored((0, 0, 0, 0), (0, 0, 0, 0), labels=SIX_LABELS).scores.metrics
    tops = tuple(replace(one, accuracy=3 / 4 if one.k == 2 else 1.0) for one in metrics.top_k)
    scores = replace(SCORES, metrics=replace(metrics, top_k=tops))
    (verdict,), _ = judge(make_rubric(f"top_{k}_accuracy >= 0.5"), scores, None)
    assert (verdict.found, verdict.passed) == (expected, True)


@pytest.mark.parametrize("on", ["value", "bound"])
def test_among_too_few_classes_a_top_k_accuracy_is_undefined(on: str) -> None:
    """It would always be 1, so it meets no rule."""
    criterion = Criterion.model_validate({"rule": "top_2_accuracy >= 0", "points": 1, "on": on})
    (verdict,), _ = judge(Rubric(criteria=(criterion,)), SCORES, None)
    assert (verdict.found, verdict.estimate, verdict.passed) == (None, None, False)


def test_every_metric_of_a_rule_can_be_judged_and_no_other() -> None:
    """The tables of both sides name the same."""
    assert {
        Scope.OVERALL: OVERALL.keys() | WORSE_PHOTOS.keys(),
        Scope.EVERY_CLASS: set(PER_CLASS),
        Scope.AGAINST_FIRST_STAGE: set(CHANGES),
    } == {scope: {name for name in SCOPES if SCOPES[name] is scope} for scope in Scope}


def test_exactly_the_metrics_with_an_interval_can_be_judged_on_a_bound() -> None:
    """A spec allows a bound exactly where there is an interval."""
    labels = SIX_LABELS
    report = make_report(labels=labels, targets=range(6), candidate=range(6), baseline=range(6))
    assert report.comparison is not None
    measured = {
        **{name: read(report.scores.metrics) for name, read in OVERALL.items()},
        **{name: read(report.scores.per_class[0]) for name, read in PER_CLASS.items()},
        **{name: read(report.comparison) for name, read in CHANGES.items()},
    }
    assert {name for name, one in measured.items() if one.interval is not None} == (
        WITH_INTERVAL - WORSE_PHOTOS.keys()
    )


@pytest.mark.parametrize("rule", WORSE_PHOTOS)
def test_a_rule_about_worse_photos_is_judged_by_their_accuracy(rule: str) -> None:
    """On the value or on the bound; where they weren't tried it is undefined."""
    found = CorruptedAccuracy(
        corruption=WORSE_PHOTOS[rule], n_correct=9, accuracy=0.9, interval=Interval(0.6, 0.98)
    )
    tried = replace(SCORES, robustness=(found,))
    (verdict,), _ = judge(make_rubric(f"{rule} >= 0.8"), tried, None)
    assert (verdict.found, verdict.passed) == (0.9, True)
    (verdict,), _ = judge(on_bound(f"{rule} >= 0.8"), tried, None)
    assert (verdict.found, verdict.passed) == (0.6, False)
    (verdict,), _ = judge(make_rubric(f"{rule} >= 0.8"), SCORES, None)
    assert (verdict.found, verdict.passed) == (None, False)


@pytest.mark.parametrize(
    ("rule", "bound", "value"),
    [
        ("accuracy >= 0.5", METRICS.accuracy_interval.low, 5 / 10),
        ("accuracy <= 0.5", METRICS.accuracy_interval.high, 5 / 10),
        ("accuracy_readable > 0.5", METRICS.accuracy_readable_interval.low, 5 / 8),
        ("loss <= 0.7", METRICS.loss_interval.high, METRICS.loss),
        ("macro_f1 >= 0.6", METRICS.macro_f1_interval.low, METRICS.macro_f1),
        ("ece < 0.2", METRICS.ece_interval.high, METRICS.ece),
    ],
)
def test_on_the_bound_the_end_that_is_hardest_on_the_model_is_judged(
    rule: str, bound: float, value: float
) -> None:
    """The value itself stands beside it."""
    (verdict,), grade = judge(on_bound(rule), SCORES, None)
    assert (verdict.judged_on, verdict.found, verdict.estimate) == ("bound", bound, value)
    assert (verdict.passed, grade.passed) == (False, False)


def test_on_the_bound_the_class_with_the_worst_bound_decides() -> None:
    """1 of 1 is a better recall than 9 of 10, and less certain."""
    targets, predicted = (0,) * 10 + (1,), (0,) * 9 + (1,) + (1,)
    scores = make_scored(predicted, targets).scores
    (on_value,), _ = judge(make_rubric("recall >= 0.5 in every class"), scores, None)
    (judged,), _ = judge(on_bound("recall >= 0.5 in every class"), scores, None)
    assert (on_value.label, on_value.found, on_value.passed) == ("robin", 9 / 10, True)
    assert (judged.label, judged.estimate, judged.passed) == ("wren", 1.0, False)
    assert judged.found == pytest.approx(0.2065, abs=5e-5)


def test_a_change_can_be_judged_on_its_bound() -> None:
    """At most 5 % of accuracy is lost, or the candidate can't be told to be no worse."""
    comparison = small_comparison()
    rubric = on_bound("accuracy_change >= -0.05 against the first stage")
    (open_verdict,), _ = judge(rubric, SCORES, comparison)
    sure = replace(comparison, accuracy_change_interval=Interval(-0.04, 0.1))
    (sure_verdict,), _ = judge(rubric, SCORES, sure)
    assert (open_verdict.passed, open_verdict.estimate) == (False, 0.0)
    assert (sure_verdict.passed, sure_verdict.found) == (True, -0.04)


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


@pytest.mark.parametrize("metric", CHANGES)
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
    """Its precision is undefined, which no other class makes up for."""
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
