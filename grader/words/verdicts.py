"""Why a criterion is met or not, in words, in either edition."""

from grader.results.report import Verdict
from grader.words.language import UNDEFINED, Language
from hidden_test_spec.errors import quote
from hidden_test_spec.rules import Scope, parse_rule

_N_DIGITS, _MAX_DIGITS = 6, 17


def verdict_reason(verdict: Verdict, language: Language) -> str:
    """One sentence: what was judged, the result, and what is required."""
    if verdict.found is None:
        return _without_value(verdict, language)
    n_digits = _telling_digits(verdict.found, verdict.required)
    what = (
        language.gettext(
            "The less favourable bound of the 95 % interval is {found} (the value itself: {value})"
        )
        if verdict.judged_on == "bound"
        else language.gettext("The value is {found}")
    ).format(
        found=_number(verdict.found, language, n_digits=n_digits),
        value=_number(verdict.estimate, language),
    )
    if verdict.label is not None:
        label = quote(verdict.label)
        what += language.gettext(" in the worst class, {label}").format(label=label)
    outcome = (
        language.gettext("that meets the rule.")
        if verdict.passed
        else language.gettext("{required} is required.")
    ).format(required=_number(verdict.required, language, n_digits=n_digits))
    return f"{what}; {outcome}"


def _without_value(verdict: Verdict, language: Language) -> str:
    """A value may be undefined, or withheld from students.

    A verdict on every class always names the class that decided, unless that is withheld.
    """
    is_about_classes = parse_rule(verdict.criterion).scope is Scope.EVERY_CLASS
    if verdict.label is not None or not is_about_classes:
        return language.gettext("The value is undefined, and an undefined value meets no rule.")
    if verdict.passed:
        return language.gettext(
            "The value is withheld, as it rests on too few images; the rule is met."
        )
    return language.gettext(
        "The value is withheld, as it rests on too few images; the rule is not met."
    )


def _telling_digits(found: float, required: float) -> int:
    """Six decimals, or as many as it takes to tell two different numbers apart."""
    n_digits = _N_DIGITS
    while found != required and n_digits < _MAX_DIGITS:
        if f"{found:.{n_digits}f}" != f"{required:.{n_digits}f}":
            break
        n_digits += 1
    return n_digits


def _number(value: float | None, language: Language, *, n_digits: int = _N_DIGITS) -> str:
    """A number with up to `n_digits` decimals and no trailing zeros."""
    if value is None:
        return UNDEFINED
    text = f"{value:.{n_digits}f}".rstrip("0").rstrip(".")
    return language.number(value, n_digits=len(text.partition(".")[2]))
