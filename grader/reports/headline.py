"""A report's sentences outside its tables: the verdict, and what the numbers were made with."""

from grader.results.report import GradeReport
from grader.words.language import Language
from hidden_test_spec.errors import plain


def outcome(report: GradeReport, language: Language) -> str | None:
    """Whether the rubric is passed, and the points; None without a grade."""
    grade = report.grade
    if grade is None:
        return None
    said = (
        language.gettext("PASSED: {points} of {possible} points.")
        if grade.passed
        else language.gettext("BELOW THE RUBRIC: {points} of {possible} points.")
    )
    return said.format(points=f"{grade.points:g}", possible=f"{grade.points_possible:g}")


def finding(report: GradeReport, language: Language) -> str:
    """How many images are right, with the interval of the accuracy."""
    metrics, n_images = report.scores.metrics, report.test_set.n_counted
    said = language.ngettext(
        "{n_correct} of {n} image right: {share}, {level} interval {interval}.",
        "{n_correct} of {n} images right: {share}, {level} interval {interval}.",
        n_images,
    )
    return said.format(
        n_correct=language.count(metrics.n_correct),
        n=language.count(n_images),
        share=language.percent(metrics.accuracy),
        level=language.percent(report.statistics.level, n_digits=0),
        interval=language.interval(metrics.accuracy_interval),
    )


def edition_note(report: GradeReport, language: Language) -> str | None:
    """What a student's edition leaves out; None in an instructor's."""
    if report.audience == "instructor":
        return None
    said = language.gettext(
        "This is the student's edition. It shows no individual images, and every number about a "
        "class rests on at least {n} images."
    )
    return said.format(n=language.count(report.statistics.min_class_images))


def engine_sentences(report: GradeReport, language: Language) -> tuple[str, str]:
    """What the networks ran on, and how much running them again changed."""
    engine = report.engine
    ran = language.gettext(
        "Ran on {device} in {precision} with {backend}: {speed} images/s, {wall} s."
    ).format(
        device=plain(engine.device),
        precision=plain(engine.precision),
        backend=plain(engine.backend),
        speed=language.number(engine.images_per_s, n_digits=1),
        wall=language.number(engine.wall_s, n_digits=1),
    )
    again = language.ngettext(
        "{n} answer was computed again in another batch; no probability changed by more than "
        "{most}.",
        "{n} answers were computed again in other batches; no probability changed by more than "
        "{most}.",
        engine.n_regraded,
    ).format(n=language.count(engine.n_regraded), most=language.power(engine.largest_change))
    return ran, again
