"""The tables of a comparison as finished cells, in the reader's language."""

from collections.abc import Iterator

from grader.reports.tables import TextTable
from grader.results.comparisons import Comparison, ConfidenceShift, Flip, ImageChanges
from grader.results.report import Evidence, GradeReport
from grader.results.scores import Interval
from grader.words.comparisons import class_sentence, p_value_text
from grader.words.language import UNDEFINED, Language
from grader.words.metrics import MetricKey, metric_name
from hidden_test_spec.errors import plain


def comparison_table(report: GradeReport, comparison: Comparison, language: Language) -> TextTable:
    """The comparison as a whole: changes with intervals, tests, flips and shifts of confidence."""
    say = language
    level = say.percent(report.statistics.level, n_digits=0)
    return TextTable(
        title=say.gettext("Candidate against baseline"),
        columns=("", "", say.gettext("{level} interval").format(level=level)),
        rows=(*_changes(comparison, say), *_tests(comparison, say), *_flips(comparison, say)),
    )


def _changes(comparison: Comparison, language: Language) -> Iterator[tuple[str, str, str]]:
    yield (
        language.gettext("change of accuracy, points"),
        language.change(comparison.accuracy_change),
        _change_interval(comparison.accuracy_change_interval, language),
    )
    yield (
        language.gettext("change of loss (nats)"),
        language.number(comparison.loss_change),
        language.plain_interval(comparison.loss_change_interval),
    )


def _change_interval(interval: Interval, language: Language) -> str:
    low, high = (language.change(bound) for bound in interval)
    return language.gettext("{low} to {high}").format(low=low, high=high)


def _tests(comparison: Comparison, language: Language) -> Iterator[tuple[str, str, str]]:
    equivalence = comparison.equivalence
    margin = language.number(100 * equivalence.margin, n_digits=1)
    yield (
        language.gettext("McNemar's test, mid-p"),
        p_value_text(comparison.mcnemar.p_value, language),
        "",
    )
    yield (
        language.gettext("worse by {margin} points or more, p").format(margin=margin),
        p_value_text(equivalence.p_non_inferior, language),
        "",
    )
    yield (
        language.gettext("better by {margin} points or more, p").format(margin=margin),
        p_value_text(equivalence.p_non_superior, language),
        "",
    )


def _flips(comparison: Comparison, language: Language) -> Iterator[tuple[str, str, str]]:
    counted = (
        (
            language.gettext("regressions (right before, wrong now)"),
            comparison.n_regressions,
            comparison.negative_flip_rate,
        ),
        (
            language.gettext("improvements (wrong before, right now)"),
            comparison.n_improvements,
            comparison.positive_flip_rate,
        ),
    )
    for name, n_images, rate in counted:
        yield name, f"{language.count(n_images)} ({language.percent(rate)})", ""
    yield language.gettext("predicted class changed"), language.percent(comparison.churn), ""
    yield (
        language.gettext("right both times, much less sure now"),
        language.count(comparison.n_confidence_drops),
        "",
    )
    yield (
        language.gettext("right both times, much surer now"),
        language.count(comparison.n_confidence_gains),
        "",
    )


def class_change_table(comparison: Comparison, language: Language) -> TextTable:
    """Both recalls of each class, its flips, and Holm's p."""
    heads: tuple[MetricKey, ...] = (
        "label",
        "support",
        "baseline_recall",
        "candidate_recall",
        "n_regressions",
        "n_improvements",
        "p_holm",
    )
    count = language.count
    total = (count(comparison.n_regressions), count(comparison.n_improvements))
    n_scored = count(comparison.baseline_scores.metrics.n_scored)
    classes = tuple(
        (
            plain(one.label),
            count(one.support),
            language.percent(one.baseline_recall),
            language.percent(one.candidate_recall),
            count(one.n_regressions),
            count(one.n_improvements),
            p_value_text(one.p_holm, language),
        )
        for one in comparison.per_class
    )
    return TextTable(
        title=language.gettext("Classes, candidate against baseline"),
        columns=tuple(metric_name(head, language) for head in heads),
        rows=(*classes, (language.gettext("all"), n_scored, "", "", *total, "")),
    )


def class_sentence_table(comparison: Comparison, language: Language) -> TextTable:
    """What the images show about each class."""
    return TextTable(
        title=language.gettext("What the images show about each class"),
        columns=(metric_name("label", language), language.gettext("candidate against baseline")),
        rows=tuple(
            (plain(one.label), class_sentence(one, language)) for one in comparison.per_class
        ),
        n_text_columns=2,
    )


def image_tables(report: GradeReport, language: Language, *, n_most: int) -> Iterator[TextTable]:
    """Individual images: those that flipped, whose confidence shifted, or that are unreadable.

    A student's edition has none of them.

    Args:
        report: The report.
        language: Of the reader.
        n_most: The most rows of a table; its title says how many there are in all.
    """
    changes = None if report.comparison is None else report.comparison.changes
    if changes is not None:
        yield from _change_tables(changes, language, n_most=n_most)
    if report.evidence is not None and report.evidence.unreadable:
        yield _unreadable_table(report.evidence, language, n_most=n_most)


def _change_tables(
    changes: ImageChanges, language: Language, *, n_most: int
) -> Iterator[TextTable]:
    flips = (
        (language.gettext("Regressions (right before, wrong now)"), changes.regressions),
        (language.gettext("Improvements (wrong before, right now)"), changes.improvements),
    )
    shifts = (
        (language.gettext("Right both times, much less sure now"), changes.confidence_drops),
        (language.gettext("Right both times, much surer now"), changes.confidence_gains),
    )
    for title, flipped in flips:
        if flipped:
            cut = _cut_title(title, len(flipped), n_most, language)
            yield _flip_table(cut, flipped[:n_most], language)
    for title, shifted in shifts:
        if shifted:
            cut = _cut_title(title, len(shifted), n_most, language)
            yield _shift_table(cut, shifted[:n_most], language)


def _cut_title(title: str, n_images: int, n_most: int, language: Language) -> str:
    if n_images <= n_most:
        return title
    return language.gettext("{title}: the first {n_most} of {n}; report.json has them all").format(
        title=title, n_most=language.count(n_most), n=language.count(n_images)
    )


def _flip_table(title: str, flips: tuple[Flip, ...], language: Language) -> TextTable:
    return TextTable(
        title=title,
        columns=(
            language.gettext("image"),
            language.gettext("true class"),
            language.gettext("baseline said"),
            language.gettext("candidate said"),
        ),
        rows=tuple(
            (
                plain(one.image),
                plain(one.label),
                plain(one.baseline_prediction),
                plain(one.candidate_prediction),
            )
            for one in flips
        ),
        n_text_columns=4,
    )


def _shift_table(title: str, shifts: tuple[ConfidenceShift, ...], language: Language) -> TextTable:
    return TextTable(
        title=title,
        columns=(
            language.gettext("image"),
            language.gettext("true class"),
            language.gettext("baseline"),
            language.gettext("candidate"),
        ),
        rows=tuple(
            (
                plain(one.image),
                plain(one.label),
                language.percent(one.baseline_probability),
                language.percent(one.candidate_probability),
            )
            for one in shifts
        ),
        n_text_columns=2,
    )


def _unreadable_table(evidence: Evidence, language: Language, *, n_most: int) -> TextTable:
    title = language.gettext("Images that can't be read")
    return TextTable(
        title=_cut_title(title, len(evidence.unreadable), n_most, language),
        columns=(language.gettext("image"), language.gettext("reason")),
        rows=tuple(
            (plain(one.name), plain(one.unreadable or UNDEFINED))
            for one in evidence.unreadable[:n_most]
        ),
        n_text_columns=2,
    )
