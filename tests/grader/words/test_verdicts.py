"""The reason of a verdict is one sentence with the numbers that decided."""

from dataclasses import replace

from grader.results.report import Verdict
from grader.words.language import ENGLISH, language_of
from grader.words.verdicts import verdict_reason

MET = Verdict(
    criterion="accuracy >= 0.5",
    judged_on="value",
    passed=True,
    points=1.0,
    points_possible=1.0,
    found=0.75,
    estimate=0.75,
    label=None,
    required=0.5,
)


def test_a_value_that_meets_its_rule() -> None:
    """In both languages, each with its decimal sign."""
    assert verdict_reason(MET, ENGLISH) == "The value is 0.75; that meets the rule."
    assert verdict_reason(MET, language_of("es")) == "El valor es 0,75; eso cumple la regla."


def test_a_bound_that_does_not_stands_beside_the_value() -> None:
    """The sentence also says what is required."""
    verdict = replace(MET, judged_on="bound", found=0.4, passed=False)
    assert verdict_reason(verdict, ENGLISH) == (
        "The less favourable bound of the 95 % interval is 0.4 (the value itself: 0.75); "
        "0.5 is required."
    )


def test_the_class_that_decided_is_named() -> None:
    """In quotes, with its control characters escaped."""
    verdict = replace(MET, criterion="recall >= 0.5 in every class", label="a\nb")
    assert 'in the worst class, "a\\nb"' in verdict_reason(verdict, ENGLISH)


def test_numbers_that_differ_are_never_shown_as_equal() -> None:
    """A value just below the threshold shows the digit that decides."""
    verdict = replace(MET, found=0.4999999, passed=False)
    assert verdict_reason(verdict, ENGLISH) == "The value is 0.4999999; 0.5 is required."


def test_an_undefined_value_meets_no_rule() -> None:
    """For instance without a baseline, or if the class that decides has no such number."""
    undefined = replace(MET, found=None, estimate=None, passed=False)
    of_class = replace(undefined, criterion="precision >= 0.5 in every class", label="wren")
    for verdict in (undefined, of_class):
        assert verdict_reason(verdict, ENGLISH).startswith("The value is undefined")


def test_a_withheld_value_only_says_whether_it_is_met() -> None:
    """The student's edition has neither the value nor the class."""
    withheld = replace(MET, criterion="recall >= 0.5 in every class", found=None, estimate=None)
    assert verdict_reason(withheld, ENGLISH).endswith("the rule is met.")
    assert verdict_reason(replace(withheld, passed=False), ENGLISH).endswith("the rule is not met.")
