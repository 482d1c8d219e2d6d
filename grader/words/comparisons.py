"""Sentences about what a test set can and can't say about two models.

Every claim of "better" or "worse" was decided with the numbers; here it is only put into words.
"""

from grader.results.comparisons import ClassChange, Comparison, Direction
from grader.results.report import TestSetSummary
from grader.words.language import UNDEFINED, Language

_SMALLEST_P = 0.0001
_MOST_DIGITS = 6


def overall_sentences(
    comparison: Comparison, test_set: TestSetSummary, language: Language
) -> tuple[str, ...]:
    """Which model is better, if that is clear, by how much, and what can be ruled out."""
    n_digits = _telling_digits(comparison)
    sentences = (
        _direction_sentence(comparison, test_set, language),
        language.gettext(
            "The accuracy changed by {change} points here; changes from {low} to {high} points are "
            "compatible with these images."
        ).format(
            change=language.change(comparison.accuracy_change),
            low=language.change(comparison.accuracy_change_interval.low, n_digits=n_digits),
            high=language.change(comparison.accuracy_change_interval.high, n_digits=n_digits),
        ),
        _margin_sentence(comparison, language),
    )
    needed = _needed_sentence(comparison, test_set, language)
    return sentences if needed is None else (*sentences, needed)


def _telling_digits(comparison: Comparison) -> int:
    """Decimals of the interval's ends in points, so that none is rounded onto 0 or the margin.

    Otherwise "changes from -5.0 points" could stand beside "rules out a loss of 5.0 points".
    """
    margin = 100 * comparison.equivalence.margin
    edges = [-margin, 0.0, margin]
    ends = [100 * end for end in comparison.accuracy_change_interval]
    for n_digits in range(1, _MOST_DIGITS):
        if all(round(end, n_digits) != edge or end == edge for end in ends for edge in edges):
            return n_digits
    return _MOST_DIGITS


def class_sentence(change: ClassChange, language: Language) -> str:
    """Whether a class got better or worse; if unclear, how many flips would have settled it."""
    if change.n_regressions is None or change.n_improvements is None:
        return language.gettext("Withheld, since the class has too few images.")
    if change.support == 0:
        return language.gettext("This class has no images.")
    flips = language.gettext("improvements {n_improvements}, regressions {n_regressions}").format(
        n_improvements=language.count(change.n_improvements),
        n_regressions=language.count(change.n_regressions),
    )
    if change.direction == "better":
        return language.gettext("Better: {flips}.").format(flips=flips)
    if change.direction == "worse":
        return language.gettext("Worse: {flips}.").format(flips=flips)
    undecided = language.gettext("Not enough images to tell: {flips}.").format(flips=flips)
    return f"{undecided} {_what_would_tell(change, language)}"


def direction_word(direction: Direction, language: Language) -> str:
    """One or two words for a direction."""
    if direction == "better":
        return language.gettext("better")
    if direction == "worse":
        return language.gettext("worse")
    return language.gettext("can't tell")


def p_value_text(p: float | None, language: Language) -> str:
    """A p value with four decimals, or "< 0.0001"; a dash where it is undefined."""
    if p is None:
        return UNDEFINED
    if p < _SMALLEST_P:
        return f"< {language.number(_SMALLEST_P)}"
    return language.number(p)


def _direction_sentence(
    comparison: Comparison, test_set: TestSetSummary, language: Language
) -> str:
    if comparison.n_regressions == comparison.n_improvements == 0:
        sentence = language.gettext(
            "These {n_images} images can't tell the two models apart: both are right on exactly "
            "the same ones."
        )
    elif comparison.direction == "better":
        sentence = language.gettext(
            "The candidate is better than the baseline: of {n_images} images it got "
            "{n_improvements} right that the baseline got wrong and {n_regressions} wrong "
            "that the baseline got right, which is more uneven than chance would explain "
            "(McNemar's mid-p: {p})."
        )
    elif comparison.direction == "worse":
        sentence = language.gettext(
            "The candidate is worse than the baseline: of {n_images} images it got "
            "{n_regressions} wrong that the baseline got right and {n_improvements} right "
            "that the baseline got wrong, which is more uneven than chance would explain "
            "(McNemar's mid-p: {p})."
        )
    else:
        sentence = language.gettext(
            "These {n_images} images can't tell which of the two models is better: the candidate "
            "got {n_improvements} right that the baseline got wrong and {n_regressions} "
            "wrong that the baseline got right, which chance alone could well explain "
            "(McNemar's mid-p: {p})."
        )
    return sentence.format(
        n_images=language.count(test_set.n_counted),
        n_improvements=language.count(comparison.n_improvements),
        n_regressions=language.count(comparison.n_regressions),
        p=p_value_text(comparison.mcnemar.p_value, language),
    )


def _margin_sentence(comparison: Comparison, language: Language) -> str:
    equivalence = comparison.equivalence
    if equivalence.is_equivalent:
        sentence = language.gettext(
            "These images show that the two accuracies differ by less than {margin} points."
        )
    elif equivalence.is_non_inferior:
        sentence = language.gettext(
            "These images rule out a loss of {margin} points of accuracy or more."
        )
    else:
        sentence = language.gettext(
            "These images don't rule out a loss of {margin} points of accuracy or more."
        )
    return sentence.format(margin=language.number(100 * equivalence.margin, n_digits=1))


def _needed_sentence(
    comparison: Comparison, test_set: TestSetSummary, language: Language
) -> str | None:
    """How many images would tell a change of the margin; None where these are as many."""
    needed = comparison.n_images_to_tell
    if comparison.direction != "undecided" or (needed or test_set.n_counted) <= test_set.n_counted:
        return None
    return language.gettext(
        "To tell a change of {margin} points, about {n} images would be needed."
    ).format(
        margin=language.number(100 * comparison.equivalence.margin, n_digits=1),
        n=language.count(needed),
    )


def _what_would_tell(change: ClassChange, language: Language) -> str:
    if change.n_flips_to_tell is None:
        return _too_few(change, language)
    if change.kind_to_tell == "improvements":
        sentence = language.gettext("{n} improvements with no further regressions would be enough.")
    elif change.kind_to_tell == "regressions":
        sentence = language.gettext("{n} regressions with no further improvements would be enough.")
    else:
        sentence = language.gettext("{n} of one kind with no more of the other would be enough.")
    return sentence.format(n=language.count(change.n_flips_to_tell))


def _too_few(change: ClassChange, language: Language) -> str:
    """Its own images can't tell; how many would."""
    few = language.ngettext(
        "Its {n} image is too few.",
        "Its {n} images are too few.",
        change.support or 0,
    ).format(n=language.count(change.support))
    if change.n_images_to_tell is None or change.change_to_tell is None:
        return few
    enough = language.gettext("It takes about {n} to tell a change of {points} points.").format(
        n=language.count(change.n_images_to_tell),
        points=language.number(100 * change.change_to_tell, n_digits=0),
    )
    return f"{few} {enough}"
