"""The rules of a rubric are read from text."""

import pytest

from hidden_test_spec.rules import SCOPES, WITH_INTERVAL, Rule, Scope, parse_rule


def test_a_rule_is_read_into_its_parts() -> None:
    """Metric, comparison, threshold and scope."""
    assert parse_rule("recall >= 0.8 in every class") == Rule(
        metric="recall", comparison=">=", threshold=0.8, scope=Scope.EVERY_CLASS
    )


@pytest.mark.parametrize("metric", SCOPES)
def test_every_metric_can_be_used(metric: str) -> None:
    """With the ending of its scope."""
    rule = parse_rule(f"{metric} > 0 {SCOPES[metric].value}")
    assert (rule.metric, rule.scope) == (metric, SCOPES[metric])


def test_what_has_an_interval_is_a_metric() -> None:
    """And some metrics have none."""
    assert SCOPES.keys() > WITH_INTERVAL


@pytest.mark.parametrize(
    ("number", "threshold"), [("1", 1), ("-0.5", -0.5), ("+.5", 0.5), ("2.", 2), ("1e-3", 0.001)]
)
def test_thresholds_are_written_in_any_usual_way(number: str, threshold: float) -> None:
    """Signs, decimals and exponents."""
    assert parse_rule(f"loss < {number}").threshold == threshold


def test_spaces_around_a_sign_may_be_left_out() -> None:
    """A rule is for people to write."""
    assert parse_rule("accuracy>=0.5") == parse_rule("  accuracy  >=  0.5  ")


@pytest.mark.parametrize(
    "text", ["", "be good", "accuracy = 0.5", "accuracy >= high", "0.5 < loss"]
)
def test_a_text_that_is_no_rule_is_told_how_to_write_one(text: str) -> None:
    """The message shows the form."""
    with pytest.raises(ValueError, match="is not a rule; write METRIC >= NUMBER"):
        parse_rule(text)


def test_an_unknown_metric_is_told_the_known_ones() -> None:
    """The list is that of the scopes."""
    with pytest.raises(ValueError, match="unknown metric 'beauty'; known are accuracy,"):
        parse_rule("beauty >= 0.5")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("accuracy >= 0.5 in every class", "must end after the number"),
        ("recall >= 0.5", 'must end with "in every class"'),
        ("recall >= 0.5 against the first stage", 'must end with "in every class"'),
        ("n_worse_classes <= 0 in every class", 'must end with "against the first stage"'),
        ("n_regressions <= 3", 'must end with "against the first stage"'),
    ],
)
def test_a_metric_with_another_scope_is_told_its_own(text: str, problem: str) -> None:
    """What a metric is about is fixed."""
    with pytest.raises(ValueError, match=problem):
        parse_rule(text)


def test_an_undefined_value_meets_no_rule() -> None:
    """Neither one that wants more nor one that wants less."""
    assert not parse_rule("loss >= 0").is_met_by(None)
    assert not parse_rule("loss <= 0").is_met_by(None)


@pytest.mark.parametrize(("sign", "wants_more"), [(">=", True), (">", True), ("<=", False)])
def test_a_rule_knows_which_direction_is_better(sign: str, *, wants_more: bool) -> None:
    """It decides which class is the worst."""
    assert parse_rule(f"loss {sign} 1").wants_more is wants_more


@pytest.mark.parametrize(
    ("rule", "span"),
    [
        ("accuracy >= 85", "0 and 1"),
        ("recall >= 80 in every class", "0 and 1"),
        ("brier <= 2.5", "0 and 2"),
        ("accuracy_change >= -5 against the first stage", "-1 and 1"),
        ("mcnemar_p < 5 against the first stage", "0 and 1"),
    ],
)
def test_a_threshold_that_no_value_can_have_is_a_fault(rule: str, span: str) -> None:
    """Percent instead of a share, most often."""
    with pytest.raises(ValueError, match=f"lies between {span}"):
        parse_rule(rule)


@pytest.mark.parametrize(
    "rule",
    ["loss <= 3", "mean_loss <= 3 in every class", "n_regressions <= 30 against the first stage"],
)
def test_losses_and_counts_have_no_upper_bound(rule: str) -> None:
    """Nor has the change of a loss."""
    assert parse_rule(rule).threshold > 2
