"""Train both stages on folds of train and val, and record how they do on the held-out images.

`python -m benchmarks.experiments.finetuning DATASET --variants best document --archs NAME
[--seeds 5] [--folds 0 1] [--epochs N] [--size PX] [--threads N]`; DATASET is what
`pipeline split --strict-document --seed 5` made. Each run appends its row to docs/experiments.csv.
"""

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from benchmarks.experiments.folds import Fold, make_folds
from benchmarks.experiments.rows import Row, append, done
from benchmarks.experiments.variants import VARIANTS, make_recipe
from pipeline.training.learners import build_learner
from pipeline.training.settings import Device, TrainingSettings, Weights
from pipeline.training.stages import Resumption, fine_tune, train_first_stage
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import load_weights


def run_fold(fold: Fold, settings: TrainingSettings, name: str) -> Row:
    """Train on a fold, and measure both stages on its held-out images."""
    architecture = find_architecture(settings.architecture)
    weights = load_weights(architecture, Weights.PRETRAINED, say)
    with tempfile.TemporaryDirectory() as out:
        learner = build_learner(fold.dataset, settings, architecture, weights, Path(out))
        start = time.perf_counter()
        history = train_first_stage(learner, settings, say)
        seconds = time.perf_counter() - start
        first = measure(learner, fold.held)
        say(f"held out: {first}")
        start = time.perf_counter()
        fine_tune(learner, settings, say, Resumption(earlier=history))
        seconds += time.perf_counter() - start
        tuned = measure(learner, fold.held)
        say(f"held out: {tuned}")
    return Row(
        experiment=name,
        architecture=settings.architecture,
        seed=settings.seed,
        fold=fold.number,
        n_held=len(fold.held),
        first_loss=first[0],
        first_accuracy=first[1],
        loss=tuned[0],
        accuracy=tuned[1],
        seconds=seconds,
    )


def measure(learner: Any, paths: Sequence[Path]) -> tuple[float, float]:
    """Cross-entropy and accuracy on some images, prepared as for grading."""
    loader = learner.dls.test_dl(list(paths), with_labels=True)
    with learner.no_bar():
        logits, targets = learner.get_preds(dl=loader, act=lambda outputs: outputs)
    logits, targets = torch.Tensor(logits), torch.as_tensor(targets).long()
    right = (logits.argmax(dim=1) == targets).float().mean()
    return float(cross_entropy(logits, targets)), float(right)


def say(line: str) -> None:
    """Report progress."""
    sys.stderr.write(f"{line}\n")


def main() -> None:
    """Run what is not in the table yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--variants", nargs="+", choices=sorted(VARIANTS), default=["best"])
    parser.add_argument("--archs", nargs="+", default=["tf_efficientnet_lite0"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[5])
    parser.add_argument("--folds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    for seed in options.seeds:
        folds = list(make_folds(options.dataset, seed=seed))
        for fold in (folds[number] for number in options.folds):
            for variant in options.variants:
                for name in options.archs:
                    run_if_new(fold, options, variant, architecture=name, seed=seed)


def run_if_new(
    fold: Fold, options: argparse.Namespace, variant: str, *, architecture: str, seed: int
) -> None:
    """Run one experiment and append its row, unless the table has it."""
    experiment = f"{variant}, {options.epochs} epochs, {options.size} px"
    if (experiment, architecture, str(seed), str(fold.number)) in done():
        return
    say(f"{experiment}: {architecture}, seed {seed}, fold {fold.number}")
    settings = TrainingSettings(
        recipe=make_recipe(variant),
        architecture=architecture,
        seed=seed,
        image_size_px=options.size,
        n_fine_tune_epochs=options.epochs,
        batch_size=32,
        device=Device.CPU,
    )
    append(run_fold(fold, settings, experiment))


if __name__ == "__main__":
    main()
