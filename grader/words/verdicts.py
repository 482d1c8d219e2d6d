"""Why a criterion is met or not, in words."""

from grader.grade_report import Verdict
from grader.words.language import UNDEFINED, Language
from hidden_test_spec.errors import quote


def verdict_reason(verdict: Verdict, language: Language) -> str:
    """One sentence: what was judged, what came out, and what was asked for."""
    if verdict.found is None:
        return language.gettext("The value is undefined, and an undefined value meets no rule.")
    found = _number(verdict.found, language)
    what = (
        language.gettext("The hardest bound of the 95 % interval is {found} (the value: {value})")
        if verdict.judged_on == "bound"
        else language.gettext("The value is {found}")
    ).format(found=found, value=_number(verdict.estimate, language))
    if verdict.label is not None:
        label = quote(verdict.label)
        what += language.gettext(" in the class that is worst, {label}").format(label=label)
    outcome = (
        language.gettext("that meets the rule.")
        if verdict.passed
        else language.gettext("{required} was asked for.")
    ).format(required=_number(verdict.required, language))
    return f"{what}; {outcome}"


def _number(value: float | None, language: Language) -> str:
    """A number with up to six digits after the point, and no zeros at its end."""
    if value is None:
        return UNDEFINED
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    n_digits = len(text.partition(".")[2])
    return language.number(value, n_digits=n_digits)
