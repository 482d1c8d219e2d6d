"""Every rule that a rubric may hold can be said in words."""

import pytest

from grader.words.language import ENGLISH, language_of
from grader.words.rules import rule_number, rule_text
from hidden_test_spec.rules import SCOPES, Scope, parse_rule


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("accuracy >= 0.85", "accuracy: at least 85.0 %"),
        ("loss < 1.5", "loss (nats): less than 1.5000"),
        ("recall > 0.5 in every class", "recall: more than 50.0 %, in every class"),
        ("top_5_accuracy >= 0.9", "top-5 accuracy: at least 90.0 %"),
        (
            "accuracy_change >= -0.02 against the first stage",
            "change of accuracy: at least −2.0 points, against the first stage",  # noqa: RUF001 - the real minus sign
        ),
        (
            "n_regressions <= 3 against the first stage",
            "regressions: at most 3, against the first stage",
        ),
    ],
)
def test_a_rule_is_told_in_words(rule: str, words: str) -> None:
    """With the unit and the precision of its metric."""
    assert rule_text(rule, ENGLISH) == words


def test_a_rule_speaks_spanish() -> None:
    """Its metric, its comparison, its number and its scope."""
    said = rule_text("recall >= 0.8 in every class", language_of("es"))
    assert said == "exhaustividad: al menos 80,0 %, en cada clase"


@pytest.mark.parametrize("metric", SCOPES)
def test_every_metric_has_a_name(metric: str) -> None:
    """No rule is told by the name that a spec gives its metric."""
    scope = SCOPES[metric]
    text = f"{metric} >= 0 {scope.value}".strip()
    assert metric in {"accuracy", "loss", "recall", "precision"} or metric not in rule_text(
        text, ENGLISH
    ).split(":", maxsplit=1)[0].split(" ")
    assert (", in every class" in rule_text(text, ENGLISH)) == (scope is Scope.EVERY_CLASS)


def test_an_undefined_value_is_a_dash() -> None:
    """As everywhere."""
    assert rule_number(parse_rule("accuracy >= 0.5"), None, ENGLISH) == "–"  # noqa: RUF001 - the dash of tables
