"""One sentence about what changed."""

import pytest

from grader.results.comparisons import Comparison
from grader.words.changes import change_sentence
from grader.words.language import ENGLISH
from tests.factories import make_report


@pytest.mark.parametrize(
    ("before", "after", "begin", "end"),
    [
        ((1,) * 8 + (0,) * 8, (0,) * 16, "Accuracy +50.0 points (", "): better."),
        ((0,) * 16, (1,) * 8 + (0,) * 8, "Accuracy −50.0 points (", "): worse."),  # noqa: RUF001 - the real minus sign
        (
            (0,) * 16,
            (0,) * 16,
            "Accuracy 0.0 points (",
            "): 16 images can't tell which is better.",
        ),
    ],
)
def test_the_change_and_what_follows_are_told(
    before: tuple[int, ...], after: tuple[int, ...], begin: str, end: str
) -> None:
    """In points, with the interval, and a word only where the images can tell."""
    report = make_report(targets=(0,) * 16, candidate=after, baseline=before)
    assert isinstance(report.comparison, Comparison)
    said = change_sentence(report.comparison, report.test_set, ENGLISH)
    assert said.startswith(begin)
    assert said.endswith(end)
