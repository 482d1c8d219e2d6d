"""What changed from the baseline to the candidate, in one sentence for a first glance."""

from grader.results.comparisons import Comparison
from grader.results.report import TestSetSummary
from grader.words.language import Language


def change_sentence(comparison: Comparison, test_set: TestSetSummary, language: Language) -> str:
    """The change of the accuracy with its interval, and whether one model is better."""
    if comparison.direction == "better":
        said = language.gettext("Accuracy {change} points ({low} to {high}): better.")
    elif comparison.direction == "worse":
        said = language.gettext("Accuracy {change} points ({low} to {high}): worse.")
    else:
        said = language.gettext(
            "Accuracy {change} points ({low} to {high}): {n} images can't tell which is better."
        )
    interval = comparison.accuracy_change_interval
    return said.format(
        change=language.change(comparison.accuracy_change),
        low=language.change(interval.low),
        high=language.change(interval.high),
        n=language.count(test_set.n_images),
    )
