"""The source document's script in plain fastai: what a student would write without this package."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastai.data.transforms import GrandparentSplitter, get_image_files
from fastai.vision.all import (
    Callback,
    CategoryBlock,
    DataBlock,
    EarlyStoppingCallback,
    ImageBlock,
    Normalize,
    RandomResizedCrop,
    ReduceLROnPlateau,
    SaveModelCallback,
    accuracy,
    aug_transforms,
    parent_label,
    set_seed,
    vision_learner,
)

from hidden_test_spec.sidecar import Epoch
from pipeline.splitting.dataset import Dataset
from pipeline.training.settings import TrainingSettings
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import load_weights


class _Watch(Callback):  # type: ignore[misc] # fastai has no types
    """Records each epoch's losses and time."""

    order = 55

    def __init__(self, report: Callable[[str], None]) -> None:
        self.epochs: list[Epoch] = []
        self._report = report

    def before_epoch(self) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def after_epoch(self) -> None:
        """Record the epoch."""
        train_loss, valid_loss, share = (float(value) for value in self.learn.final_record)
        epoch = Epoch(
            phase="first_stage",
            epoch=len(self.epochs),
            train_loss=train_loss,
            valid_loss=valid_loss,
            accuracy=share,
            seconds=time.perf_counter() - self._start,
        )
        self.epochs.append(epoch)
        self._report(f"plain fastai: {valid_loss:.4f}, {share:.4f}, {epoch.seconds:.1f} s")


def train_plainly(
    dataset: Dataset, settings: TrainingSettings, report: Callable[[str], None]
) -> tuple[Epoch, ...]:
    """All epochs of both stages, from the same starting weights as the package's own training."""
    architecture = find_architecture(settings.architecture)
    normalisation = architecture.normalisation
    statistics = list(normalisation.mean), list(normalisation.std)
    set_seed(settings.seed, reproducible=True)
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=get_image_files,
        splitter=GrandparentSplitter(train_name="train", valid_name="val"),
        get_y=parent_label,
        item_tfms=RandomResizedCrop(224, min_scale=0.5),
        # vision_learner adds the normalisation itself only where it loads the weights itself.
        batch_tfms=[*aug_transforms(), Normalize.from_stats(*statistics, cuda=False)],
    )
    watch = _Watch(report)
    with tempfile.TemporaryDirectory() as out:
        loaders = block.dataloaders(dataset.root, bs=64, num_workers=0, device="cpu")
        learner = vision_learner(
            loaders, architecture.builder, pretrained=False, metrics=accuracy, path=Path(out)
        )
        body = load_weights(architecture, settings.weights, report).state
        target = getattr(learner.model[0], "model", learner.model[0])
        target.load_state_dict(body or target.state_dict())
        learner.freeze()
        with learner.no_bar(), learner.no_logging():
            learner.fit_one_cycle(10, cbs=[*_trackers("first", 0.10, 3.5), watch])
            learner.fine_tune(10, cbs=[*_trackers("tuned", 0.05, 7.5), watch])
    return tuple(watch.epochs)


def _trackers(name: str, min_delta: float, factor: float) -> list[Any]:
    return [
        EarlyStoppingCallback(monitor="valid_loss", patience=3),
        SaveModelCallback(monitor="valid_loss", fname=name),
        ReduceLROnPlateau(monitor="valid_loss", patience=3, min_delta=min_delta, factor=factor),
    ]
