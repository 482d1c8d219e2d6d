"""Whether a model is too sure, in one sentence."""

from dataclasses import replace

from grader.results.scores import ModelScores
from grader.words.calibration import calibration_sentence
from grader.words.language import ENGLISH
from tests.factories import make_report


def scores_of(*, n_right: int, n_wrong: int) -> ModelScores:
    """Scores of a model that is 75 % sure of everything."""
    n_images = n_right + n_wrong
    return make_report(targets=(0,) * n_images, candidate=(0,) * n_right + (1,) * n_wrong).scores


def test_a_model_that_is_right_more_often_is_too_unsure() -> None:
    """By the difference, in points."""
    assert calibration_sentence(scores_of(n_right=100, n_wrong=0), ENGLISH) == (
        "On average it was 75.0 % sure, and right 100.0 % of the time: too unsure by 25.0 points."
    )


def test_a_model_that_is_right_less_often_is_too_sure() -> None:
    """By the difference, in points."""
    said = calibration_sentence(scores_of(n_right=50, n_wrong=50), ENGLISH)
    assert said.endswith("right 50.0 % of the time: too sure by 25.0 points.")


def test_a_difference_that_chance_explains_is_none() -> None:
    """Seven of ten is no other than three of four."""
    said = calibration_sentence(scores_of(n_right=7, n_wrong=3), ENGLISH)
    assert "neither too sure nor too unsure" in said


def test_a_withheld_bin_leaves_the_calibration_error() -> None:
    """The mean would reveal what was withheld."""
    scores = scores_of(n_right=7, n_wrong=3)
    bins = tuple(
        replace(one, confidence=None, accuracy=None, accuracy_interval=None)
        for one in scores.reliability
    )
    assert calibration_sentence(replace(scores, reliability=bins), ENGLISH) == (
        "How sure it was and how often it was right differ by 5.0 % on average (calibration error)."
    )
