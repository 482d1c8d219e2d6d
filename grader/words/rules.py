"""Rules of a rubric in words, and numbers as those rules have them."""

import re

from grader.words.language import UNDEFINED, Language, gettext_noop
from grader.words.metrics import NAMES, metric_name, top_k_name
from hidden_test_spec.rules import CORRUPTIONS, Corruption, Rule, Scope, parse_rule

_COMPARISONS = {
    ">=": gettext_noop("{metric}: at least {number}"),
    "<=": gettext_noop("{metric}: at most {number}"),
    ">": gettext_noop("{metric}: more than {number}"),
    "<": gettext_noop("{metric}: less than {number}"),
}
_SCOPES = {
    Scope.EVERY_CLASS: gettext_noop("{rule}, in every class"),
    Scope.AGAINST_FIRST_STAGE: gettext_noop("{rule}, against the first stage"),
}
# Changes have no name elsewhere: other renderers give each of them a sentence.
_CHANGES = {
    "accuracy_change": gettext_noop("change of accuracy"),
    "loss_change": gettext_noop("change of loss (nats)"),
    "n_confidence_drops": gettext_noop("images much less sure now"),
    "n_confidence_gains": gettext_noop("images much surer now"),
    "churn": gettext_noop("predicted class changed"),
    "negative_flip_rate": gettext_noop("share of regressions"),
    "positive_flip_rate": gettext_noop("share of improvements"),
    "n_better_classes": gettext_noop("classes that got better"),
    "n_worse_classes": gettext_noop("classes that got worse"),
    "mcnemar_p": gettext_noop("McNemar's test, mid-p"),
    "non_inferiority_p": gettext_noop("p of being worse by the margin"),
    "equivalence_p": gettext_noop("p of differing by the margin"),
}
_CORRUPTIONS: dict[Corruption, str] = {
    "blur": gettext_noop("blurred"),
    "jpeg": gettext_noop("strongly compressed"),
    "dark": gettext_noop("darker"),
    "bright": gettext_noop("brighter"),
    "noise": gettext_noop("noisy"),
    "rotation": gettext_noop("turned by 7 degrees"),
    "crop": gettext_noop("cropped"),
    "mirror": gettext_noop("mirrored"),
}
_PERCENTAGES = frozenset(
    {
        "accuracy",
        "accuracy_readable",
        "balanced_accuracy",
        "macro_f1",
        "ece",
        "recall",
        "precision",
        "f1",
        "churn",
        "negative_flip_rate",
        "positive_flip_rate",
    }
)


def rule_text(text: str, language: Language) -> str:
    """A rule in words, such as "accuracy: at least 85.0 %"."""
    rule = parse_rule(text)
    words = language.gettext(_COMPARISONS[rule.comparison]).format(
        metric=_name(rule.metric, language), number=rule_number(rule, rule.threshold, language)
    )
    if rule.scope in _SCOPES:
        return language.gettext(_SCOPES[rule.scope]).format(rule=words)
    return words


def rule_number(rule: Rule, value: float | None, language: Language) -> str:
    """A value that the rule is about, in the precision and unit of its metric."""
    if value is None:
        return UNDEFINED
    if rule.metric == "accuracy_change":
        return language.gettext("{change} points").format(change=language.change(value))
    if rule.corruption or rule.metric in _PERCENTAGES or rule.metric.endswith("_accuracy"):
        return language.percent(value)
    if rule.metric.startswith("n_"):
        return language.count(round(value))
    return language.number(value)


def corruption_name(corruption: Corruption, language: Language) -> str:
    """What was done to photos, as an adjective."""
    return language.gettext(_CORRUPTIONS[corruption])


def _name(metric: str, language: Language) -> str:
    if metric.startswith("accuracy under "):
        done = next(one for one in CORRUPTIONS if metric.endswith(f" {one}"))
        said = language.gettext("accuracy on photos that are {changed}")
        return said.format(changed=corruption_name(done, language))
    if metric in _CHANGES:
        return language.gettext(_CHANGES[metric])
    if top_k := re.fullmatch(r"top_(\d+)_accuracy", metric):
        return top_k_name(int(top_k[1]), language)
    return next(metric_name(key, language) for key in NAMES if key == metric)
