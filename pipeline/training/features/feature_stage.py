"""The first stage on cached features: one head for each shrinkage; the best on val is kept."""

import time
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from hidden_test_spec.sidecar import Epoch
from pipeline.errors import BadInputError, TrainingDivergedError
from pipeline.progress import Milestone, Report
from pipeline.training.callbacks.history import describe_epoch
from pipeline.training.features.feature_cache import Features, train_features, val_features
from pipeline.training.features.heads import LinearHead, fit_head, put_head
from pipeline.training.recipes import OnFeatures
from pipeline.training.settings import TrainingSettings


def fit_to_features(
    learner: Any, method: OnFeatures, settings: TrainingSettings, *, name: str, report: Report
) -> tuple[Epoch, ...]:
    """Fit the learner's head to the features that its body computes from the images.

    Args:
        learner: With a linear head.
        method: Of the recipe.
        settings: Its number of epochs is the number of shrinkages.
        name: What the weights are saved as, whenever they are the best so far.
        report: The listener.

    Returns:
        One epoch for each shrinkage. The learner ends with the best head.

    Raises:
        BadInputError: If train doesn't have more views than there are classes.
        TrainingDivergedError: If a feature is not a finite number.
    """
    start = time.perf_counter()
    n_views = _count_views(learner, method, settings)
    val = val_features(learner)
    n_val = len(val.targets)
    left_s = (time.perf_counter() - start) * n_views / n_val
    line = f"Features of {n_val} images of val"
    report(Milestone(line, n_done=n_val, n_all=n_val + n_views, left_s=left_s))
    train = train_features(learner, n_views=method.n_views, flips=settings.flips)
    if not all(bool(torch.isfinite(part.values).all()) for part in (val, train)):
        raise TrainingDivergedError(stage="first_stage", epoch=1)
    report(f"Features of {n_views} views of train")
    epochs: list[Epoch] = []
    lowest = float("inf")
    shrinkages = np.linspace(method.strongest, method.weakest, settings.n_epochs).tolist()
    for number, shrinkage in enumerate(shrinkages):
        head = fit_head(train, val, shrinkage=shrinkage)
        epoch = _measured(head, train, val, number=number, seconds=time.perf_counter() - start)
        report(f"{describe_epoch(epoch, settings.n_epochs)}, shrinkage {shrinkage:.2f}")
        if epoch.valid_loss < lowest:
            lowest = epoch.valid_loss
            put_head(learner, head)
            learner.save(name, with_opt=False)
        epochs.append(epoch)
        start = time.perf_counter()
    return tuple(epochs)


def _count_views(learner: Any, method: OnFeatures, settings: TrainingSettings) -> int:
    """The number of views of train that a head is fitted to."""
    n_views = len(learner.dls.train_ds) * (1 + settings.flips + method.n_views)
    n_classes = len(learner.dls.vocab)
    if n_views <= n_classes:
        raise BadInputError(
            what=f"The head can't be fitted to {n_views} views of the images of train: it needs "
            f"more views than there are classes, {n_classes}",
            where="train",
            advice="put more images into train, use --flip, or use --recipe document",
        )
    return n_views


def _measured(
    head: LinearHead, train: Features, val: Features, *, number: int, seconds: float
) -> Epoch:
    logits = head.logits(val.values)
    return Epoch(
        phase="first_stage",
        epoch=number,
        train_loss=float(cross_entropy(head.logits(train.values), train.targets)),
        valid_loss=float(cross_entropy(logits, val.targets)),
        accuracy=float((logits.argmax(dim=1) == val.targets).float().mean()),
        seconds=round(seconds, 3),
    )
