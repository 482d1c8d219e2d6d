"""How much of a message about the hidden set gets through a number that students see."""

import math
from dataclasses import replace
from random import Random

import pytest

from grader.results.coarse_numbers import LARGEST, N_DECIMALS, coarse, coarse_verdict
from grader.results.editions import edition
from grader.results.report import GradeReport
from grader.results.scores import Interval
from tests.factories import make_report, make_rubric

REPORT = make_report(
    targets=(0,) * 8 + (1,) * 8,
    candidate=(0,) * 7 + (1,) * 9,
    baseline=(0,) * 16,
    rubric=make_rubric("accuracy >= 0.5", "loss <= 0.6", "brier <= 0.7"),
)
N_CANDIDATES = 40
# As many bits as a number of the student's edition can carry, whatever scale a network chooses.
MOST_BITS = math.log2(2 * LARGEST * 10**N_DECIMALS + 1)


def written(members: tuple[bool, ...], *, scale: float) -> GradeReport:
    """The report of a network that writes a digit for each photo it knows into its loss."""
    loss = scale * sum(2.0**-place for place, is_member in enumerate(members) if is_member)
    metrics = replace(REPORT.scores.metrics, loss=loss, loss_interval=Interval(0.0, 2 * loss))
    return replace(REPORT, scores=replace(REPORT.scores, metrics=metrics))


def read_back(report: GradeReport, *, scale: float) -> tuple[bool, ...]:
    """The memberships that the loss tells."""
    left = report.scores.metrics.loss / scale
    members = []
    for place in range(N_CANDIDATES):
        members.append(left >= 2.0**-place)
        left -= 2.0**-place * members[-1]
    return tuple(members)


def draws(n_draws: int) -> list[tuple[bool, ...]]:
    """Test sets that hold about half of the candidates."""
    chance = Random(5)  # noqa: S311 - the same every time
    return [tuple(chance.random() < 0.5 for _ in range(N_CANDIDATES)) for _ in range(n_draws)]


def n_first_right(found: tuple[bool, ...], members: tuple[bool, ...]) -> int:
    """How many memberships are told before the first mistake."""
    pairs = zip(found, members, strict=True)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), N_CANDIDATES)


def test_the_instructors_report_holds_the_whole_message() -> None:
    """Forty of forty, so the attack works where nothing is rounded."""
    for members in draws(20):
        assert read_back(written(members, scale=1.0), scale=1.0) == members


@pytest.mark.parametrize("scale", [1e-3, 0.1, 1.0, 49.0, 1e9])
def test_half_of_the_message_is_lost_in_a_students_edition(scale: float) -> None:
    """At no scale does more get through than the number has values."""
    told = []
    for members in draws(50):
        student = edition(written(members, scale=scale), "student")
        told.append(n_first_right(read_back(student, scale=scale), members))
    assert sum(told) / len(told) <= MOST_BITS < 21


def test_students_see_as_many_digits_as_the_text_prints() -> None:
    """Every mean and area, and nothing that is a share of counted images."""
    student = edition(REPORT, "student")
    metrics, given = student.scores.metrics, REPORT.scores.metrics
    assert (metrics.loss, metrics.brier) == (round(given.loss, 4), round(given.brier, 4))
    assert metrics.loss_interval == tuple(round(end, 4) for end in given.loss_interval)
    assert (metrics.accuracy, metrics.n_correct) == (given.accuracy, given.n_correct)
    assert student.comparison is not None
    assert REPORT.comparison is not None
    assert student.comparison.loss_change == round(REPORT.comparison.loss_change, 4)


def test_a_verdict_says_no_more_than_the_number() -> None:
    """The value of a rule about the loss is rounded, and that about the accuracy isn't."""
    accuracy, loss, brier = (coarse_verdict(one) for one in REPORT.verdicts)
    assert accuracy == REPORT.verdicts[0]
    for verdict in (loss, brier):
        assert verdict.found is not None
        assert verdict.found == round(verdict.found, 4)


def test_what_no_honest_number_reaches_is_cut_off() -> None:
    """Otherwise the exponent could carry a message too."""
    assert (coarse(3e38), coarse(-3e38), coarse(0.123456)) == (100.0, -100.0, 0.1235)
