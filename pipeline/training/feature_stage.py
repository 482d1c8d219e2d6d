"""The first stage on cached features: one head for each penalty; the best by val stays."""

import time
from typing import Any

from torch.nn.functional import cross_entropy

from hidden_test_spec.sidecar import Epoch
from pipeline.progress import Report
from pipeline.training.callbacks import describe_epoch
from pipeline.training.feature_cache import Features, train_features, val_features
from pipeline.training.heads import LinearHead, fit_heads, put_head
from pipeline.training.recipes import OnFeatures
from pipeline.training.settings import TrainingSettings


def fit_to_features(
    learner: Any, method: OnFeatures, settings: TrainingSettings, *, name: str, report: Report
) -> tuple[Epoch, ...]:
    """Fit the learner's head to what its body makes of the images.

    Args:
        learner: With a linear head.
        method: Of the recipe.
        settings: Its number of epochs is that of penalties.
        name: What the weights are saved as, whenever they are the best so far.
        report: The listener.

    Returns:
        One epoch for each penalty. The learner ends with the best head.
    """
    start = time.perf_counter()
    val = val_features(learner)
    train = train_features(learner, n_views=method.n_views, flips=settings.flips)
    report(f"Features of {len(val.targets)} images of val, {len(train.targets)} views of train")
    heads = fit_heads(
        train,
        n_classes=len(learner.dls.vocab),
        strongest=method.strongest,
        weakest=method.weakest,
        n_steps=settings.n_epochs,
    )
    epochs: list[Epoch] = []
    lowest = float("inf")
    for number, head in enumerate(heads):
        epoch = _measured(head, val, number, seconds=time.perf_counter() - start)
        report(f"{describe_epoch(epoch, settings.n_epochs)}, penalty {head.penalty:.2g}")
        if epoch.valid_loss < lowest:
            lowest = epoch.valid_loss
            put_head(learner, head)
            learner.save(name, with_opt=False)
        epochs.append(epoch)
        start = time.perf_counter()
    return tuple(epochs)


def _measured(head: LinearHead, val: Features, number: int, *, seconds: float) -> Epoch:
    logits = head.logits(val.values)
    return Epoch(
        phase="first_stage",
        epoch=number,
        train_loss=head.train_loss,
        valid_loss=float(cross_entropy(logits, val.targets)),
        accuracy=float((logits.argmax(dim=1) == val.targets).float().mean()),
        seconds=round(seconds, 3),
    )
