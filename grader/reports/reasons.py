"""Why a criterion is met or not, in either edition."""

from grader.grade_report import Verdict
from grader.words.language import Language
from grader.words.verdicts import verdict_reason
from hidden_test_spec.rules import Scope, parse_rule


def reason(verdict: Verdict, language: Language) -> str:
    """One sentence on a verdict; of a value that a student's edition withholds it says so."""
    if not _is_withheld(verdict):
        return verdict_reason(verdict, language)
    if verdict.passed:
        return language.gettext("The value is withheld, as it rests on too few images; it is met.")
    return language.gettext("The value is withheld, as it rests on too few images; it is not met.")


def _is_withheld(verdict: Verdict) -> bool:
    """A rule about every class always names the class that decided, but where it is withheld."""
    if verdict.found is not None or verdict.label is not None:
        return False
    return parse_rule(verdict.criterion).scope is Scope.EVERY_CLASS
