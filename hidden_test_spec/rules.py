"""The rules a rubric is written in, such as `recall >= 0.8 in every class`.

A rule is text for people and for the spec file; `parse_rule` is the only place that reads it.
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias, get_args


class Scope(Enum):
    """What a rule is about; the value is the end of the rule's text."""

    OVERALL = ""
    EVERY_CLASS = "in every class"
    AGAINST_FIRST_STAGE = "against the first stage"


# What is done to photos before a model is asked again: `accuracy under blur`.
Corruption: TypeAlias = Literal[
    "blur", "jpeg", "dark", "bright", "noise", "rotation", "crop", "mirror"
]
CORRUPTIONS: tuple[Corruption, ...] = get_args(Corruption)
_UNDER = "accuracy under "

_OVERALL = (
    "accuracy",
    "accuracy_readable",
    "loss",
    "balanced_accuracy",
    "macro_f1",
    "top_2_accuracy",
    "top_3_accuracy",
    "top_5_accuracy",
    "brier",
    "ece",
    *(_UNDER + corruption for corruption in CORRUPTIONS),
)
_PER_CLASS = ("recall", "precision", "f1", "auc", "mean_loss")
_CHANGES = (
    "accuracy_change",
    "loss_change",
    "n_regressions",
    "n_improvements",
    "n_confidence_drops",
    "n_confidence_gains",
    "churn",
    "negative_flip_rate",
    "positive_flip_rate",
    "n_better_classes",
    "n_worse_classes",
    "mcnemar_p",
    "non_inferiority_p",
    "equivalence_p",
)
SCOPES = {
    **dict.fromkeys(_OVERALL, Scope.OVERALL),
    **dict.fromkeys(_PER_CLASS, Scope.EVERY_CLASS),
    **dict.fromkeys(_CHANGES, Scope.AGAINST_FIRST_STAGE),
}
# The metrics that have an interval, so that a criterion can be judged on its bound.
WITH_INTERVAL = frozenset({*_OVERALL, "recall", "precision", "accuracy_change", "loss_change"})

# The smallest and largest value of a metric; a loss and a count of images have no such bounds.
_SHARES = frozenset(
    {*_OVERALL, *_PER_CLASS, "churn", "negative_flip_rate", "positive_flip_rate"}
    - {"loss", "brier", "mean_loss"}
    | {name for name in _CHANGES if name.endswith("_p")}
)
_RANGES = {
    **dict.fromkeys(_SHARES, (0.0, 1.0)),
    "brier": (0.0, 2.0),
    "accuracy_change": (-1.0, 1.0),
}

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

RULE_PATTERN = (
    r"^\s*(?P<metric>[a-z0-9_]+(?: under [a-z]+)?)\s*(?P<comparison>>=|<=|>|<)\s*"
    r"(?P<threshold>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"\s*(?P<scope>in every class|against the first stage)?\s*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A metric, a comparison, and the number it is compared with."""

    metric: str
    comparison: str
    threshold: float
    scope: Scope

    def is_met_by(self, found: float | None) -> bool:
        """Whether a value meets the rule. An undefined value never does."""
        return found is not None and COMPARISONS[self.comparison](found, self.threshold)

    @property
    def corruption(self) -> Corruption | None:
        """What is done to the photos that the rule is about; None for the photos as they are."""
        name = self.metric.removeprefix(_UNDER)
        return next((one for one in CORRUPTIONS if one == name != self.metric), None)

    @property
    def wants_more(self) -> bool:
        """Whether larger values are the better ones under this rule."""
        return self.comparison.startswith(">")


def parse_rule(text: str) -> Rule:
    """Read a rule.

    Raises:
        ValueError: If the text is not a rule, its metric or scope is unknown, or the metric can't
            have such a value.
    """
    match = re.match(RULE_PATTERN, text)
    if match is None:
        raise ValueError(
            'is not a rule; write METRIC >= NUMBER (or <=, >, <), then "in every class" for '
            'numbers of a class, or "against the first stage" for changes'
        )
    metric = match["metric"]
    if metric not in SCOPES:
        raise ValueError(f"uses the unknown metric {metric!r}; known are {', '.join(SCOPES)}")
    scope = Scope(match["scope"] or "")
    if scope is not SCOPES[metric]:
        expected = SCOPES[metric].value
        ending = f'end with "{expected}"' if expected else "end after the number"
        raise ValueError(f"must {ending}, since it is about {metric}")
    threshold = float(match["threshold"])
    low, high = _RANGES.get(metric, (-math.inf, math.inf))
    if not low <= threshold <= high:
        raise ValueError(
            f"asks for {threshold:g}, but {metric} lies between {low:g} and {high:g}; a share is "
            "written as 0.85, not as 85"
        )
    return Rule(
        metric=metric,
        comparison=match["comparison"],
        threshold=threshold,
        scope=scope,
    )
