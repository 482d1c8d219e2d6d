"""Batches as the network gets them."""

from pathlib import Path

import numpy as np
import pytest

from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.splitting.dataset import read_dataset
from pipeline.training.learners import build_learner
from pipeline.training.previews import BatchPreview, preview_batch
from pipeline.training.settings import Device, TrainingSettings
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import BodyWeights
from tests.pipeline.drawing import COLOURS, draw_dataset, silent


@pytest.fixture
def preview(tmp_path: Path) -> BatchPreview:
    """A batch of drawn images; their colours tell their classes."""
    learner = build_learner(
        read_dataset(draw_dataset(tmp_path / "dataset"), silent),
        TrainingSettings(image_size_px=32, device=Device.CPU, batch_size=8),
        find_architecture("test_resnet"),
        BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None),
        tmp_path / "out",
    )
    return preview_batch(learner, n_images=6)


def test_a_preview_has_images_of_the_trained_size(preview: BatchPreview) -> None:
    """Channels last, from 0 to 1, one label each, and read-only."""
    assert preview.images.shape == (6, 32, 32, 3)
    assert len(preview.labels) == 6
    assert preview.images.min() >= 0
    assert preview.images.max() <= 1
    with pytest.raises(ValueError, match="read-only"):
        preview.images[0] = 0


def test_a_preview_shows_the_images_colours_under_their_labels(preview: BatchPreview) -> None:
    """Normalisation is undone, and each label belongs to its own image."""
    for image, label in zip(preview.images, preview.labels, strict=True):
        brightest = int(np.argmax(image.mean((0, 1))))
        assert brightest == int(np.argmax(COLOURS[label]))
        assert 0.1 < image.mean() < 0.9
