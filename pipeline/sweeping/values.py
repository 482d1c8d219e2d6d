"""A sweep over architectures and seeds, as values: plan, results of each run, and summary.

The choice rests on the val part alone; results on the test part are kept separate.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from pydantic import BaseModel, ConfigDict
from scipy import stats

_LEVEL = 0.95


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SweepPlan(_Frozen):
    """What a sweep is to do; a sweep can only go on with the same plan.

    Attributes:
        architectures: Names of torchvision or timm.
        seeds: Each architecture is trained once with each of them.
        options: Options of `pipeline train` besides those two.
        images: A hash over all images of the data set.
    """

    architectures: tuple[str, ...]
    seeds: tuple[int, ...]
    options: tuple[str, ...]
    images: str


class Numbers(_Frozen):
    """What the grader found on one part: cross-entropy in nats, and the share named correctly."""

    loss: float
    accuracy: float


class SweepRun(_Frozen):
    """The result of one architecture with one seed; numbers are None if it failed.

    Attributes:
        problem: Why it failed; None if it did not.
        n_parameters: Parameters of the whole network.
        epoch_s: Mean time of an epoch that trains the whole network.
        training_s: Time of all epochs together.
        val: Results of the fine-tuned export.
    """

    architecture: str
    seed: int
    problem: str | None = None
    n_parameters: int | None = None
    epoch_s: float | None = None
    training_s: float | None = None
    val: Numbers | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What distinguishes it from the other runs of the sweep."""
        return self.architecture, self.seed


class LookAtTest(_Frozen):
    """The results of one run's fine-tuned export on the test part, measured once."""

    architecture: str
    seed: int
    test: Numbers


class ChosenArchitecture(_Frozen):
    """The architecture chosen on val, before the test part was used.

    None if no architecture finished with every seed; then test is not used.
    """

    architecture: str | None
    rule: Literal["lowest mean val loss"] = "lowest mean val loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedMean:
    """The mean over seeds; the interval of Student's t is None for a single seed."""

    mean: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchitectureRow:
    """One architecture over its finished seeds; numbers are None if no run finished."""

    architecture: str
    is_chosen: bool
    n_done: int
    n_failed: int
    n_parameters: int | None
    epoch_s: SeedMean | None
    training_s: SeedMean | None
    val_loss: SeedMean | None
    val_accuracy: SeedMean | None
    test_loss: SeedMean | None
    test_accuracy: SeedMean | None


def choose(plan: SweepPlan, runs: Iterable[SweepRun]) -> ChosenArchitecture:
    """The architecture with the lowest mean val loss of those that finished with every seed."""
    losses: dict[str, list[float]] = {}
    for run in runs:
        if run.val is not None:
            losses.setdefault(run.architecture, []).append(run.val.loss)
    means = {
        name: fmean(values) for name, values in losses.items() if len(values) == len(plan.seeds)
    }
    return ChosenArchitecture(architecture=min(means, key=lambda name: means[name], default=None))


def summarise(
    plan: SweepPlan,
    runs: Iterable[SweepRun],
    looks: Iterable[LookAtTest],
    choice: ChosenArchitecture,
) -> tuple[ArchitectureRow, ...]:
    """One row for each architecture, in the plan's order."""
    all_runs, all_looks = tuple(runs), tuple(looks)
    return tuple(
        _row(
            name,
            [run for run in all_runs if run.architecture == name],
            [look for look in all_looks if look.architecture == name],
            is_chosen=name == choice.architecture,
        )
        for name in plan.architectures
    )


def seed_mean(
    values: Iterable[float | None], *, low: float = 0.0, high: float | None = None
) -> SeedMean | None:
    """Mean and 95 % interval over seeds, None without values; the bounds of the quantity limit it.

    Args:
        values: One for each seed; None stands for a run that failed.
        low: The smallest value that the quantity can have.
        high: The largest; None for no bound.
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    mean = fmean(known)
    if len(known) == 1:
        return SeedMean(mean=mean, interval=None)
    half = float(stats.sem(known) * stats.t.ppf((1 + _LEVEL) / 2, len(known) - 1))
    upper = mean + half if high is None else min(mean + half, high)
    return SeedMean(mean=mean, interval=(max(mean - half, low), upper))


def _row(
    name: str, runs: list[SweepRun], looks: list[LookAtTest], *, is_chosen: bool
) -> ArchitectureRow:
    val = [run.val for run in runs if run.val is not None]
    test = [look.test for look in looks]
    return ArchitectureRow(
        architecture=name,
        is_chosen=is_chosen,
        n_done=len(val),
        n_failed=sum(run.problem is not None for run in runs),
        n_parameters=next((run.n_parameters for run in runs if run.n_parameters), None),
        epoch_s=seed_mean(run.epoch_s for run in runs),
        training_s=seed_mean(run.training_s for run in runs),
        val_loss=seed_mean(one.loss for one in val),
        val_accuracy=seed_mean((one.accuracy for one in val), high=1.0),
        test_loss=seed_mean(one.loss for one in test),
        test_accuracy=seed_mean((one.accuracy for one in test), high=1.0),
    )
