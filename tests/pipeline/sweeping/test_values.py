"""Sweeps as values: what is chosen, and how seeds are summed up."""

import numpy as np
import pytest
from scipy import stats

from pipeline.sweeping.values import (
    ChosenArchitecture,
    LookAtTest,
    Numbers,
    SeedMean,
    SweepPlan,
    SweepRun,
    choose,
    seed_mean,
    summarise,
)

PLAN = SweepPlan(architectures=("a", "b"), seeds=(0, 1), options=(), images="x")


def done(name: str, seed: int, *, loss: float, accuracy: float = 0.5) -> SweepRun:
    """A run that left an export."""
    return SweepRun(
        architecture=name,
        seed=seed,
        n_parameters=10,
        epoch_s=2.0,
        training_s=20.0,
        val=Numbers(loss=loss, accuracy=accuracy),
    )


def failed(name: str, seed: int) -> SweepRun:
    """A run that left a problem."""
    return SweepRun(architecture=name, seed=seed, problem="no memory")


def test_the_lowest_mean_val_loss_is_chosen() -> None:
    """Not the best single run, and not the best accuracy."""
    runs = [
        done("a", 0, loss=0.1, accuracy=0.9),
        done("a", 1, loss=0.7, accuracy=0.9),
        done("b", 0, loss=0.3, accuracy=0.8),
        done("b", 1, loss=0.3, accuracy=0.8),
    ]
    assert choose(PLAN, runs).architecture == "b"


def test_an_architecture_that_failed_once_is_not_chosen() -> None:
    """Its mean would cover only the seeds that suited it."""
    runs = [done("a", 0, loss=0.1), failed("a", 1), done("b", 0, loss=0.3), done("b", 1, loss=0.4)]
    assert choose(PLAN, runs).architecture == "b"
    assert choose(PLAN, runs[:2]).architecture is None


def test_a_mean_over_seeds_has_students_interval() -> None:
    """It equals scipy's."""
    values = [0.91, 0.94, 0.97]
    expected = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
    found = seed_mean(values)
    assert found is not None
    assert found.mean == pytest.approx(0.94)
    assert found.interval == pytest.approx(expected)


def test_an_interval_ends_where_the_quantity_does() -> None:
    """No accuracy above 1, no loss below 0."""
    found = seed_mean([0.9, 1.0], high=1.0)
    assert found is not None
    assert found.interval is not None
    assert found.interval == pytest.approx((0.3147, 1.0), abs=1e-4)
    assert found.interval[1] == 1.0
    low = seed_mean([0.0, 0.1])
    assert low is not None
    assert low.interval is not None
    assert low.interval[0] == 0.0


def test_seeds_that_agree_have_an_interval_without_width() -> None:
    """A spread of zero is a spread."""
    assert seed_mean([0.5, 0.5]) == SeedMean(mean=0.5, interval=(0.5, 0.5))


def test_one_seed_has_no_interval_and_none_no_mean() -> None:
    """Undefined values are None; failed runs are ignored."""
    assert seed_mean([0.5, None]) == SeedMean(mean=0.5, interval=None)
    assert seed_mean([None]) is None


def test_a_summary_has_a_row_for_each_planned_architecture() -> None:
    """Rows are in the plan's order, with failed runs and the results on test."""
    runs = [done("a", 0, loss=0.2), failed("a", 1)]
    looks = [LookAtTest(architecture="a", seed=0, test=Numbers(loss=0.6, accuracy=0.4))]
    first, second = summarise(PLAN, runs, looks, ChosenArchitecture(architecture="a"))
    assert (first.architecture, first.is_chosen, first.n_done, first.n_failed) == ("a", True, 1, 1)
    assert (first.n_parameters, first.val_loss) == (10, SeedMean(mean=0.2, interval=None))
    assert first.test_accuracy == SeedMean(mean=0.4, interval=None)
    assert (second.n_done, second.val_loss, second.test_loss) == (0, None, None)
    assert not second.is_chosen
