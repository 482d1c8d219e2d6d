"""Whether a model is as often right as it is sure, in one sentence."""

from grader.results.scores import ModelScores
from grader.words.language import Language


def calibration_sentence(scores: ModelScores, language: Language) -> str:
    """How sure the model was on average, how often it was right, and what follows from that.

    It is called too sure or too unsure only if its mean probability lies outside the interval of
    the accuracy.
    """
    metrics, sure = scores.metrics, scores.mean_confidence
    if sure is None:
        said = language.gettext(
            "How sure it was and how often it was right differ by {ece} on average (calibration "
            "error)."
        )
        return said.format(ece=language.percent(metrics.ece))
    gap = sure - metrics.accuracy_readable
    interval = metrics.accuracy_readable_interval
    if interval.low <= sure <= interval.high:
        said = language.gettext(
            "On average it was {sure} sure, and right {right} of the time: neither too sure nor "
            "too unsure, as far as these images can tell."
        )
    elif gap > 0:
        said = language.gettext(
            "On average it was {sure} sure, and right {right} of the time: too sure by {points} "
            "points."
        )
    else:
        said = language.gettext(
            "On average it was {sure} sure, and right {right} of the time: too unsure by {points} "
            "points."
        )
    return said.format(
        sure=language.percent(sure),
        right=language.percent(metrics.accuracy_readable),
        points=language.number(100 * abs(gap), n_digits=1),
    )
