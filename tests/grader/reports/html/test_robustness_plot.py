"""The plot of worse photos begins with the photos as they are."""

from dataclasses import replace

from grader.reports.html.page import report_html
from grader.reports.html.robustness_plot import robustness_picture
from grader.results.report import GradeReport
from grader.results.scores import CorruptedAccuracy, Interval
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report, make_rubric

BLUR = CorruptedAccuracy(
    corruption="blur", n_correct=2, accuracy=0.5, interval=Interval(0.15, 0.85)
)
MIRROR = CorruptedAccuracy(
    corruption="mirror", n_correct=3, accuracy=0.75, interval=Interval(0.3, 0.95)
)


def tried(*rules: str) -> GradeReport:
    """A report with two kinds of worse photos."""
    report = make_report(rubric=make_rubric("accuracy >= 0.5", *rules))
    return replace(report, scores=replace(report.scores, robustness=(MIRROR, BLUR)))


def test_each_row_is_a_share_on_one_axis() -> None:
    """And the sentence names the lowest."""
    picture = robustness_picture(tried(), ENGLISH)
    assert [row.name for row in picture.rows] == ["as they are", "mirrored", "blurred"]
    assert [row.marks[0].text for row in picture.rows] == ["75.0 %", "75.0 %", "50.0 %"]
    assert picture.rows[2].marks[0].place < picture.rows[1].marks[0].place
    assert picture.sentence == "Lowest on photos that are blurred: 50.0 % instead of 75.0 %."
    assert not picture.is_judged


def test_a_rule_about_it_makes_it_a_part_of_the_grade() -> None:
    """So the page doesn't say that it is none."""
    assert robustness_picture(tried("accuracy under blur >= 0.8"), ENGLISH).is_judged


def test_a_page_has_the_plot_only_where_it_was_measured() -> None:
    """In both languages."""
    unmeasured = report_html(make_report(), language=ENGLISH, photos=None)
    assert 'id="robustness"' not in unmeasured
    measured = report_html(tried(), language=language_of("es"), photos=None)
    assert 'id="robustness"' in measured
    assert "borrosas" in measured
