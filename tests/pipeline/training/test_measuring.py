"""What a learner does on its val part."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fastai.callback.core import Callback
from fastai.losses import LabelSmoothingCrossEntropyFlat
from fastai.vision.learner import default_split, model_meta
from PIL import Image
from sklearn.metrics import accuracy_score, log_loss
from torchvision import models

from acceptance.pillow_bytes import digest_of, picture_of
from hidden_test_spec.resizing import resized
from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.splitting.dataset import read_dataset
from pipeline.training.learners import build_learner
from pipeline.training.measuring import measure, plain_splitter
from pipeline.training.settings import Device, TrainingSettings
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.bodies import split_torchvision
from pipeline.training.weights.weights import BodyWeights
from tests.pipeline.drawing import draw_dataset, silent


@pytest.fixture
def learner(tmp_path: Path) -> Any:
    """A small learner with a loss of its own."""
    built = build_learner(
        read_dataset(draw_dataset(tmp_path / "dataset"), silent),
        TrainingSettings(image_size_px=32, device=Device.CPU),
        find_architecture("test_resnet"),
        BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None),
        tmp_path / "out",
    )
    built.loss_func = LabelSmoothingCrossEntropyFlat(eps=0.3)
    return built


def test_the_loss_is_plain_cross_entropy(learner: Any) -> None:
    """It equals scikit-learn's, whatever loss the learner trains with."""
    with learner.no_bar():
        predicted, targets = (np.asarray(part) for part in learner.get_preds())
    probabilities = predicted.astype(float) / predicted.astype(float).sum(1, keepdims=True)
    found = measure(learner)
    assert found.n_images == 4
    assert found.loss == pytest.approx(log_loss(targets, probabilities), abs=1e-6)
    assert found.accuracy == accuracy_score(targets, probabilities.argmax(1))


def test_photos_are_resized_as_for_a_grade(learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the grader would find another loss than the record."""
    found = []

    def resize_one() -> tuple[float, float]:
        found.append(picture_of("RGB", (50, 60)).resize((16, 200), Image.Resampling.BILINEAR))
        return 0.5, 1.0

    monkeypatch.setattr(learner, "validate", resize_one)
    measure(learner)
    expected = resized(picture_of("RGB", (50, 60)), (16, 200), Image.Resampling.BILINEAR)
    assert digest_of(found[0]) == digest_of(expected)


def test_the_learner_stays_as_it_was(learner: Any) -> None:
    """Training goes on with its own loss and metrics."""
    before = learner.loss_func, learner.metrics
    measure(learner)
    assert (learner.loss_func, learner.metrics) == before
    assert isinstance(learner.loss_func, LabelSmoothingCrossEntropyFlat)


def test_a_gpu_calculates_in_full_float32(learner: Any) -> None:
    """So does the grader; training itself may use TF32, before and afterwards."""
    seen = []

    class Watching(Callback):  # type: ignore[misc] # fastai has no types
        def before_validate(self) -> None:
            seen.append(torch.backends.cudnn.allow_tf32)

    before = torch.backends.cudnn.allow_tf32
    learner.add_cb(Watching())
    measure(learner)
    assert seen == [False]
    assert torch.backends.cudnn.allow_tf32 is before is True


def test_an_export_names_only_splitters_of_fastai() -> None:
    """It keeps a splitter of fastai's; ours would not load where only fastai is installed."""
    known = model_meta[models.resnet18]["split"]
    assert plain_splitter(known) is known
    assert plain_splitter(partial(split_torchvision, "vgg16")) is default_split
