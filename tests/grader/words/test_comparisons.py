"""What is said about two models is what the numbers decided."""

from dataclasses import replace

import pytest

from grader.results.comparisons import ClassChange, Comparison
from grader.results.report import GradeReport
from grader.words.comparisons import (
    class_sentence,
    direction_word,
    overall_sentences,
    p_value_text,
)
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report


def changed(
    *, n_better: int = 0, n_worse: int = 0, n_same: int = 0, n_wrong: int = 0
) -> GradeReport:
    """A report with so many improvements, regressions, and images both get right, or wrong."""
    n_images = n_better + n_worse + n_same + n_wrong
    return make_report(
        targets=(0,) * n_images,
        baseline=(1,) * n_better + (0,) * (n_worse + n_same) + (1,) * n_wrong,
        candidate=(0,) * n_better + (1,) * n_worse + (0,) * n_same + (1,) * n_wrong,
    )


def comparison_of(report: GradeReport) -> Comparison:
    """Its comparison."""
    assert report.comparison is not None
    return report.comparison


def said(report: GradeReport) -> tuple[str, ...]:
    """The sentences in English."""
    return overall_sentences(comparison_of(report), report.test_set, ENGLISH)


def robins(report: GradeReport) -> ClassChange:
    """What changed in the class that has all the images."""
    return comparison_of(report).per_class[0]


def test_a_better_candidate_is_called_better() -> None:
    """With the counts, the p value and what is ruled out."""
    assert said(changed(n_better=8, n_worse=0, n_same=92)) == (
        (
            "The candidate is better than the baseline: of 100 images it got 8 right that the "
            "baseline got wrong and 0 wrong that the baseline got right, which is more uneven than "
            "chance would explain (McNemar's mid-p: 0.0039)."
        ),
        (
            "The accuracy changed by +8.0 points here; changes from +2.4 to +13.9 points are "
            "compatible with these images."
        ),
        "These images rule out a loss of 5.0 points of accuracy or more.",
    )


def test_a_worse_candidate_is_called_worse() -> None:
    """The first sentence says so."""
    assert said(changed(n_worse=20, n_same=30))[0].startswith(
        "The candidate is worse than the baseline: of 50 images it got 20 wrong"
    )


def test_few_flips_tell_nothing() -> None:
    """Though there are more of one kind, neither model is called better."""
    first, _, last, needed = said(changed(n_better=3, n_worse=1, n_same=6))
    assert first.startswith("These 10 images can't tell which of the two models is better")
    assert last == ("These images don't rule out a loss of 5.0 points of accuracy or more.")
    assert needed == "To tell a change of 5.0 points, about 779 images would be needed."


def test_models_that_are_right_on_the_same_images_are_not_called_equal() -> None:
    """Unless there are enough images to say that they differ by little."""
    few, many = said(changed(n_same=10)), said(changed(n_same=400))
    assert few[0] == (
        "These 10 images can't tell the two models apart: both are right on exactly the same ones."
    )
    assert few[-2].startswith("These images don't rule out")
    assert many[-1] == "These images show that the two accuracies differ by less than 5.0 points."


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (changed(n_better=9, n_worse=1), "Better: improvements 9, regressions 1."),
        (changed(n_better=1, n_worse=9), "Worse: improvements 1, regressions 9."),
    ],
)
def test_a_class_that_changed_says_so(report: GradeReport, expected: str) -> None:
    """With its flips."""
    assert class_sentence(robins(report), ENGLISH) == expected


@pytest.mark.parametrize(
    ("report", "flips", "telling"),
    [
        (
            changed(n_better=3, n_worse=0, n_wrong=2, n_same=7),
            "improvements 3, regressions 0",
            "5 improvements with no further regressions would be enough.",
        ),
        (
            changed(n_worse=3, n_same=7),
            "improvements 0, regressions 3",
            "5 regressions with no further improvements would be enough.",
        ),
        (
            changed(n_same=7),
            "improvements 0, regressions 0",
            "5 regressions with no further improvements would be enough.",
        ),
        (
            changed(n_better=1),
            "improvements 1, regressions 0",
            "Its 1 image is too few. It takes about 66 to tell a change of 10 points.",
        ),
        (
            changed(n_better=2, n_same=2),
            "improvements 2, regressions 0",
            "Its 4 images are too few. It takes about 66 to tell a change of 10 points.",
        ),
    ],
)
def test_a_class_that_can_not_tell_says_what_would(
    report: GradeReport, flips: str, telling: str
) -> None:
    """How many flips of which kind, or that it has too few images for any."""
    found = class_sentence(robins(report), ENGLISH)
    assert found == f"Not enough images to tell: {flips}. {telling}"


def test_a_class_without_images_tells_nothing() -> None:
    """It isn't called unchanged."""
    wrens = comparison_of(changed(n_same=3)).per_class[1]
    assert class_sentence(wrens, ENGLISH) == "This class has no images."


def test_a_withheld_class_says_only_that() -> None:
    """A student's edition has such classes."""
    withheld = replace(
        robins(changed(n_same=3)), support=None, n_regressions=None, n_improvements=None
    )
    assert class_sentence(withheld, ENGLISH) == "Withheld, since the class has too few images."


def test_sentences_speak_spanish() -> None:
    """With a decimal comma."""
    report = changed(n_better=3, n_same=7, n_wrong=2)
    spanish = language_of("es")
    assert class_sentence(robins(report), spanish) == (
        "No hay imágenes suficientes para saberlo: mejoras 3, regresiones 0. Harían falta 5 "
        "mejoras, sin más regresiones."
    )
    first, *_ = overall_sentences(comparison_of(report), report.test_set, spanish)
    assert first.endswith("(p medio de McNemar: 0,1250).")


def test_a_direction_is_a_word_or_two() -> None:
    """Undecided doesn't mean equal."""
    words = [direction_word(one, ENGLISH) for one in ("better", "worse", "undecided")]
    assert words == ["better", "worse", "can't tell"]


@pytest.mark.parametrize(
    ("p", "expected"),
    [(None, "–"), (0.0, "< 0.0001"), (0.00009, "< 0.0001"), (0.0001, "0.0001"), (1.0, "1.0000")],  # noqa: RUF001 - the dash of tables
)
def test_a_p_value_is_never_shown_as_nothing(p: float | None, expected: str) -> None:
    """A tiny one is shown as below a bound, and an undefined one as a dash."""
    assert p_value_text(p, ENGLISH) == expected
