"""Heads on cached features of train and val, cross-validated: quick, before full training.

`python -m benchmarks.experiments.screening DATASET [--archs NAME ...] [--seeds 0 1] [--size PIXELS]
[--resample FILTER] [--heads NAME ...]`. The features of each architecture are kept in
build/experiments. Each row goes to docs/experiments.csv.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn.functional import cross_entropy

from benchmarks.experiments.folds import Fold, make_folds
from benchmarks.experiments.rows import Row, append, done
from pipeline.training.features.feature_cache import Features, train_features
from pipeline.training.features.heads import LinearHead, fit_head
from pipeline.training.learners import build_learner
from pipeline.training.recipes import read_recipe
from pipeline.training.settings import Device, TrainingSettings, Weights
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import load_weights

CACHE = Path("build") / "experiments"
N_RANDOM = 2
PENALTIES = (1.0, 0.46, 0.22, 0.1, 0.046, 0.022, 0.01)
SHRINKAGES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)

# Which views of each train image a head is fitted to: plain, mirrored, then random ones.
VIEWS = {
    "plain": (0,),
    "plain, mirrored": (0, 1),
    "plain, mirrored, 1 random": (0, 1, 2),
    "plain, mirrored, 2 random": (0, 1, 2, 3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Features of shape (n_views, n_images, n_features), and each image's path and class."""

    values: Tensor
    targets: Tensor
    paths: tuple[str, ...]

    def select(self, paths: tuple[Path, ...], views: tuple[int, ...]) -> Features:
        """The features of some images in some views."""
        place = {path: number for number, path in enumerate(self.paths)}
        rows = [place[str(path)] for path in paths]
        return Features(
            values=torch.cat([self.values[view][rows] for view in views]),
            targets=self.targets[rows].repeat(len(views)),
        )


def compute_views(root: Path, settings: TrainingSettings) -> Views:
    """Features of all images of train and val, from the cache or by the product's own code."""
    cached = CACHE / f"{settings.architecture}_{describe_images(settings)}.pt"
    if cached.exists():
        return Views(**torch.load(cached, weights_only=True))
    fold = next(make_folds(root, seed=0))
    paths = (*fold.dataset.train, *fold.dataset.val, *fold.held)
    dataset = type(fold.dataset)(
        root=root, vocab=fold.dataset.vocab, train=paths, val=fold.held, images=(), split=None
    )
    architecture = find_architecture(settings.architecture)
    weights = load_weights(architecture, Weights.PRETRAINED, say)
    learner = build_learner(dataset, settings, architecture, weights, CACHE)
    found = train_features(learner, n_views=N_RANDOM, flips=True)
    values: dict[str, Any] = {
        "values": found.values.reshape(N_RANDOM + 2, len(paths), -1),
        "targets": found.targets[: len(paths)],
        "paths": tuple(map(str, paths)),
    }
    CACHE.mkdir(parents=True, exist_ok=True)
    torch.save(values, cached)
    return Views(**values)


def describe_images(settings: TrainingSettings) -> str:
    """How images are prepared, as text: what differs from the recipe `best`, and the size."""
    resample = settings.recipe.images.resample
    special = "" if resample == TrainingSettings().recipe.images.resample else f"{resample}, "
    return f"{special}{settings.image_size_px} px"


def regressions(train: Features, val: Features) -> Iterator[LinearHead]:
    """Penalised multinomial regressions on features that are centred and divided by one number."""
    del val
    centre, scale = train.values.mean(dim=0), train.values.std(dim=0).mean()
    for penalty in PENALTIES:
        model = LogisticRegression(C=1 / (penalty * len(train.targets)), max_iter=300)
        model.fit(((train.values - centre) / scale).double().numpy(), train.targets.numpy())
        weight = torch.tensor(model.coef_, dtype=torch.float32) / scale
        bias = torch.tensor(model.intercept_, dtype=torch.float32) - weight @ centre
        yield LinearHead(weight=weight, bias=bias)


def discriminants(train: Features, val: Features) -> Iterator[LinearHead]:
    """The heads that the recipe `best` chooses from."""
    for shrinkage in SHRINKAGES:
        yield fit_head(train, val, shrinkage=shrinkage)


METHODS = {"regression": regressions, "discriminant": discriminants}
HEADS = [f"{method}: {views}" for method in METHODS for views in VIEWS]


def screen(views: Views, fold: Fold, name: str, settings: TrainingSettings) -> Row:
    """Fit heads to one fold, choose one by val, and measure it on the held-out images."""
    start = time.perf_counter()
    train = views.select(fold.dataset.train, VIEWS[name.partition(": ")[2]])
    val, held = views.select(fold.dataset.val, (0,)), views.select(fold.held, (0,))
    method, _ = name.split(": ")
    heads = METHODS[method](train, val)
    best = min(heads, key=lambda head: float(cross_entropy(head.logits(val.values), val.targets)))
    logits = best.logits(held.values)
    return Row(
        experiment=f"{name}, {describe_images(settings)}",
        architecture=settings.architecture,
        seed=settings.seed,
        fold=fold.number,
        n_held=len(held.targets),
        first_loss=float(cross_entropy(logits, held.targets)),
        first_accuracy=float((logits.argmax(dim=1) == held.targets).float().mean()),
        loss=None,
        accuracy=None,
        seconds=time.perf_counter() - start,
    )


def say(line: str) -> None:
    """Report progress."""
    sys.stderr.write(f"{line}\n")


def main() -> None:
    """Screen what is not in the table yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--archs", nargs="+", default=["tf_efficientnet_lite0"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--resample", choices=("bilinear", "bicubic"), default="bicubic")
    parser.add_argument("--heads", nargs="+", choices=HEADS, default=HEADS)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    recipe = read_recipe()
    images = recipe.images.model_copy(update={"resample": options.resample})
    for architecture in options.archs:
        for seed in options.seeds:
            settings = TrainingSettings(
                recipe=recipe.model_copy(update={"images": images}),
                architecture=architecture,
                seed=seed,
                image_size_px=options.size,
                device=Device.CPU,
            )
            views = compute_views(options.dataset, settings)
            for fold in make_folds(options.dataset, seed=seed):
                for name in options.heads:
                    experiment = f"{name}, {describe_images(settings)}"
                    if (experiment, architecture, str(seed), str(fold.number)) not in done():
                        append(screen(views, fold, name, settings))


if __name__ == "__main__":
    main()
