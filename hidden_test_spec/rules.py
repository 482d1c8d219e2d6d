"""The rules a rubric is written in, such as `recall >= 0.8 in every class`.

A rule is text for people and for the spec file; `parse_rule` is the only place that reads it.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """What a rule looks at: its value is the end of the rule's text."""

    OVERALL = ""
    EVERY_CLASS = "in every class"
    AGAINST_FIRST_STAGE = "against the first stage"


SCOPES = {
    "accuracy": Scope.OVERALL,
    "accuracy_readable": Scope.OVERALL,
    "loss": Scope.OVERALL,
    "recall": Scope.EVERY_CLASS,
    "precision": Scope.EVERY_CLASS,
    "f1": Scope.EVERY_CLASS,
    "accuracy_change": Scope.AGAINST_FIRST_STAGE,
    "n_regressions": Scope.AGAINST_FIRST_STAGE,
    "n_improvements": Scope.AGAINST_FIRST_STAGE,
}

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

RULE_PATTERN = (
    r"^\s*(?P<metric>[a-z0-9_]+)\s*(?P<comparison>>=|<=|>|<)\s*"
    r"(?P<threshold>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"\s*(?P<scope>in every class|against the first stage)?\s*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A metric, how it compares, and with what."""

    metric: str
    comparison: str
    threshold: float
    scope: Scope

    def is_met_by(self, found: float | None) -> bool:
        """Whether a value meets the rule. An undefined value meets none."""
        return found is not None and COMPARISONS[self.comparison](found, self.threshold)

    @property
    def wants_more(self) -> bool:
        """Whether larger values are the better ones under this rule."""
        return self.comparison.startswith(">")


def parse_rule(text: str) -> Rule:
    """Read a rule.

    Raises:
        ValueError: If the text is no rule, or its metric or scope is unknown.
    """
    match = re.match(RULE_PATTERN, text)
    if match is None:
        raise ValueError(
            'is no rule; write METRIC >= NUMBER (or <=, >, <), then "in every class" for '
            'recall, precision and f1, or "against the first stage" for changes'
        )
    metric = match["metric"]
    if metric not in SCOPES:
        raise ValueError(f"uses the unknown metric {metric!r}; known are {', '.join(SCOPES)}")
    scope = Scope(match["scope"] or "")
    if scope is not SCOPES[metric]:
        expected = SCOPES[metric].value
        ending = f'end with "{expected}"' if expected else "end after the number"
        raise ValueError(f"must {ending}, since it is about {metric}")
    return Rule(
        metric=metric,
        comparison=match["comparison"],
        threshold=float(match["threshold"]),
        scope=scope,
    )
