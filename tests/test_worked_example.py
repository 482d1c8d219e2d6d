"""The worked example of docs/statistics.md: every figure it quotes is computed again."""

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks import worked_example
from benchmarks.worked_example import (
    all_classes,
    class_flips,
    draw,
    fewest_and_most,
    flips,
    n_right,
)
from grader.scoring.intervals import wilson_interval
from grader.scoring.power import least_flips

PAGE = (Path(__file__).parents[1] / "docs" / "statistics.md").read_text("utf-8")
# The two matrices that the source document prints, true class down.
FIRST_STAGE = [
    [12, 0, 1, 0, 0, 0, 2, 0],
    [0, 13, 0, 0, 0, 0, 3, 0],
    [0, 0, 15, 0, 0, 1, 0, 0],
    [0, 0, 0, 14, 0, 0, 0, 0],
    [0, 0, 0, 0, 15, 0, 0, 0],
    [0, 0, 0, 0, 0, 14, 0, 1],
    [0, 2, 0, 0, 0, 0, 11, 0],
    [0, 0, 0, 0, 0, 0, 0, 16],
]
FINE_TUNED = [
    [12, 0, 1, 0, 0, 0, 2, 0],
    [3, 13, 0, 0, 0, 0, 0, 0],
    [0, 0, 16, 0, 0, 0, 0, 0],
    [0, 0, 0, 14, 0, 0, 0, 0],
    [0, 0, 0, 0, 15, 0, 0, 0],
    [0, 0, 0, 0, 0, 14, 0, 1],
    [1, 1, 0, 0, 0, 0, 11, 0],
    [0, 0, 0, 0, 0, 0, 0, 16],
]


def text() -> str:
    """The page with every run of spaces as one."""
    return " ".join(PAGE.split())


def matrix_after(heading: str) -> list[list[int]]:
    """The counts of the first table below a line of the page."""
    lines = PAGE.partition(heading)[2].splitlines()
    rows = [line.split("|")[2:-1] for line in lines if re.match(r"\| \w.*\d \|$", line)]
    return [[int(cell) for cell in row] for row in rows[:8]]


def span(low: int, high: int) -> str:
    """A range as the page's table writes it."""
    return str(low) if low == high else f"{low} to {high}"


def test_the_page_and_the_script_have_the_documents_matrices() -> None:
    """120 photos in the same classes, of which 110 and 111 are named correctly."""
    assert matrix_after("First stage, loss 0.2759:") == FIRST_STAGE
    assert matrix_after("Fine-tuned, loss 0.2095:") == FINE_TUNED
    assert [list(row) for row in worked_example.FIRST_STAGE] == FIRST_STAGE
    assert [list(row) for row in worked_example.FINE_TUNED] == FINE_TUNED
    assert np.sum(FIRST_STAGE, axis=1).tolist() == np.sum(FINE_TUNED, axis=1).tolist()
    assert (n_right(FIRST_STAGE), n_right(FINE_TUNED), np.sum(FIRST_STAGE)) == (110, 111, 120)


@pytest.mark.parametrize("right", [110, 111])
def test_the_accuracies_and_their_intervals_are_the_ones_quoted(right: int) -> None:
    """Right answers, accuracies and intervals, to three digits."""
    low, high = wilson_interval(right, 120, level=0.95)
    said = rf"right on {right}( photos)?, {right / 120:.3f},( with an interval)? from {low:.3f} to"
    assert re.search(rf"{said} {high:.3f}", text())


def test_every_row_of_the_table_of_flips_is_what_the_matrices_allow() -> None:
    """So is the row of their sums."""
    classes = all_classes()
    for index, one in enumerate(classes):
        right = f"{FIRST_STAGE[index][index]}, {FINE_TUNED[index][index]}"
        worse, better = zip(one.fewest, one.most, strict=True)
        cells = [one.label, str(one.n_images), right, span(*worse), span(*better)]
        assert f"| {' | '.join([*cells, span(*one.n_changed)])} |" in PAGE
    fewest, most = fewest_and_most()
    n_changed = [sum(counts) for counts in zip(*(one.n_changed for one in classes), strict=True)]
    n_worse = span(fewest.n_regressions, most.n_regressions)
    n_better = span(fewest.n_improvements, most.n_improvements)
    assert f"| 120 | 110, 111 | {n_worse} | {n_better} | {span(*n_changed)} |" in PAGE


def test_bounds_of_flips_are_those_of_every_way_to_pair_the_photos() -> None:
    """All pairings of four photos in three classes are tried."""
    answers = list(product(range(3), repeat=4))
    seen: dict[tuple[tuple[int, ...], tuple[int, ...]], set[tuple[int, ...]]] = {}
    for before, after in product(answers, answers):
        pairs = list(zip(before, after, strict=True))
        broken = sum(one == 0 != two for one, two in pairs)
        fixed = sum(two == 0 != one for one, two in pairs)
        changed = sum(one != two for one, two in pairs)
        rows = tuple(map(before.count, range(3))), tuple(map(after.count, range(3)))
        seen.setdefault(rows, set()).add((broken, fixed, changed))
    for (first, second), found in seen.items():
        bounds = class_flips("robin", first, second, 0)
        columns = np.array(list(found))
        lows, highs = columns.min(axis=0).tolist(), columns.max(axis=0).tolist()
        assert [*bounds.fewest, bounds.n_changed[0]] == lows
        assert [*bounds.most, bounds.n_changed[1]] == highs


def test_both_ends_of_the_change_are_the_ones_quoted() -> None:
    """McNemar's p rises from one end to the other, and is never small."""
    p_values = [flips(n, n + 1).p_value for n in range(10)]
    assert p_values == sorted(p_values)
    assert f"from {p_values[0]:.2f} to {p_values[-1]:.2f}" in text()
    for end in fewest_and_most():
        assert f"from {end.interval.low:.3f} to {end.interval.high:.3f} with the" in text()
        assert end.interval.low < 0 < end.interval.high


def test_the_p_values_of_non_inferiority_are_the_ones_quoted() -> None:
    """Up to 5 broken photos it is shown, with 6 to 9 it is not."""
    p_values = [flips(n, n + 1).p_non_inferior for n in range(10)]
    assert f"(p from {p_values[0]:.3f} to {p_values[5]:.3f})" in text()
    assert f"(p from {p_values[6]:.3f} to {p_values[9]:.3f})" in text()
    assert [p < 0.05 for p in p_values] == [True] * 6 + [False] * 4


def test_what_it_would_take_is_what_is_quoted() -> None:
    """It takes 5 flips of one kind; at the other end, a normal distribution's count."""
    assert least_flips(np.arange(6), alpha=0.05).tolist()[4:] == [5, 5]
    assert 5 * 120 == 600
    assert round(1.96**2 * 19 * 120, -2) == 8800
    for quoted in ("have taken 5 photos", "5 fixed ones", "that is 600 photos", "about 8,800"):
        assert quoted in text()


def test_the_chart_of_the_page_is_current(tmp_path: Path) -> None:
    """Its text is what the script writes: both counts and both ends of every interval."""
    path = tmp_path / worked_example.CHART.name
    draw(path)

    def words(svg: Path) -> list[str]:
        return re.findall(r"<text[^>]*>([^<]+)</text>", svg.read_text("utf-8"))

    assert words(worked_example.CHART) == words(path)
    shown = words(path)
    assert {"first stage: 110 of 120 right", "0 broken, 1 fixed", "0.853", "0.960"} <= set(shown)
    assert f"images/{worked_example.CHART.name}" in PAGE
