"""Batches side by side: in order, and never more of them than are wanted."""

import threading
from collections.abc import Iterator

import pytest
import torch

from grader.engine.lanes import n_lanes_for, side_by_side


@pytest.mark.parametrize("n_lanes", [1, 2, 3])
def test_results_come_in_order_with_what_they_are_of(n_lanes: int) -> None:
    """However long each of them takes."""
    first_may_end = threading.Event()

    def square(number: int) -> int:
        if number == 0 and n_lanes > 1:
            first_may_end.wait(60)
        first_may_end.set()
        return number**2

    assert list(side_by_side(square, iter(range(7)), n_lanes=n_lanes)) == [
        (number, number**2) for number in range(7)
    ]


@pytest.mark.parametrize("n_lanes", [1, 2])
def test_an_error_of_one_ends_all(n_lanes: int) -> None:
    """It arrives in its turn."""
    results = side_by_side(lambda number: 6 // number, iter([3, 2, 0, 1]), n_lanes=n_lanes)
    assert [next(results), next(results)] == [(3, 2), (2, 3)]
    with pytest.raises(ZeroDivisionError, match="by zero"):
        next(results)


def test_no_more_is_begun_than_two_lanes_need() -> None:
    """So memory doesn't grow with the folder."""
    n_begun = 0

    def works() -> Iterator[int]:
        nonlocal n_begun
        for number in range(100):
            n_begun += 1
            yield number

    results = side_by_side(lambda number: number, works(), n_lanes=2)
    next(results)
    assert n_begun == 3
    results.close()
    assert n_begun == 3


def test_each_lane_has_the_threads_that_torch_has() -> None:
    """Other numbers of threads round differently."""
    before = torch.get_num_threads()
    counts = side_by_side(lambda _: torch.get_num_threads(), iter(range(4)), n_lanes=2)
    assert {count for _, count in counts} == {before}


def test_a_gpu_runs_one_batch_at_a_time() -> None:
    """One batch fills it."""
    assert n_lanes_for(torch.device("cuda")) == 1
    assert n_lanes_for(torch.device("cpu")) == 2
