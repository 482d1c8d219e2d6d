"""How long training takes to reach a plain fastai script's best validation loss.

`python -m benchmarks.train DATASET [--arch NAME] [--seeds 1 2 3]`; DATASET is what `pipeline split`
made. For each seed the script of the source document runs first. Its lowest loss on val, plain
cross-entropy, is the target, and the time until then is its time. Then the default recipe runs on
the same images, from the same weights. If it doesn't reach the target, its time is infinite.
"""

import argparse
import math
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.plain_fastai import train_plainly
from hidden_test_spec.sidecar import Epoch
from pipeline.splitting.dataset import Dataset, read_dataset
from pipeline.training.learners import build_learner
from pipeline.training.settings import Device, TrainingSettings
from pipeline.training.stages import Resumption, fine_tune, train_first_stage
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import load_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One seed: the target, and how long each side took to reach it."""

    seed: int
    target: float
    plain_s: float
    ours_s: float

    @property
    def share(self) -> float:
        """Our time as a share of the plain script's."""
        return self.ours_s / self.plain_s


def time_pair(dataset: Dataset, settings: TrainingSettings) -> Pair:
    """Train twice with one seed."""
    start = time.perf_counter()
    plain = train_plainly(dataset, settings, say)
    overhead = time.perf_counter() - start - sum(epoch.seconds for epoch in plain)
    target = min(epoch.valid_loss for epoch in plain)
    plain_s = overhead + seconds_to(target, plain)
    say(f"plain fastai: {target:.4f} after {plain_s:.0f} s")
    start = time.perf_counter()
    ours = train_by_recipe(dataset, settings, target)
    overhead = time.perf_counter() - start - sum(epoch.seconds for epoch in ours)
    ours_s = overhead + seconds_to(target, ours)
    say(f"recipe {settings.recipe.name}: after {ours_s:.0f} s")
    return Pair(seed=settings.seed, target=target, plain_s=plain_s, ours_s=ours_s)


def train_by_recipe(
    dataset: Dataset, settings: TrainingSettings, target: float
) -> tuple[Epoch, ...]:
    """The epochs of both stages; the second is left out where the first reaches the target."""
    architecture = find_architecture(settings.architecture)
    weights = load_weights(architecture, settings.weights, say)
    with tempfile.TemporaryDirectory() as out:
        learner = build_learner(dataset, settings, architecture, weights, Path(out))
        first = train_first_stage(learner, settings, say)
        if any(epoch.valid_loss <= target for epoch in first):
            return first
        return (*first, *fine_tune(learner, settings, say, Resumption(earlier=first)))


def seconds_to(target: float, history: Sequence[Epoch]) -> float:
    """Seconds of training until a loss was reached; infinite where it never was."""
    total = 0.0
    for epoch in history:
        total += epoch.seconds
        if epoch.valid_loss <= target:
            return total
    return math.inf


def show(pairs: Sequence[Pair]) -> None:
    """Print each pair and the median of their shares."""
    table = Table("seed", "target (nats)", "plain fastai (s)", "default recipe (s)", "share")
    for pair in pairs:
        times = f"{pair.plain_s:.0f}", f"{pair.ours_s:.0f}", f"{pair.share:.2f}"
        table.add_row(str(pair.seed), f"{pair.target:.4f}", *times)
    console = Console()
    console.print(table)
    console.print(f"median share: {statistics.median(pair.share for pair in pairs):.2f}")


def say(line: str) -> None:
    """Report progress."""
    sys.stderr.write(f"{line}\n")


def main() -> None:
    """Time all pairs; exit with 1 if the median share is over a half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--arch", default="tf_efficientnet_lite0")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    dataset = read_dataset(options.dataset, say)
    settings = TrainingSettings(architecture=options.arch, device=Device.CPU)
    pairs = [time_pair(dataset, replace(settings, seed=seed)) for seed in options.seeds]
    show(pairs)
    sys.exit(statistics.median(pair.share for pair in pairs) > 1 / 2)


if __name__ == "__main__":
    main()
