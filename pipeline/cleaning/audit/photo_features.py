"""Photos as feature vectors of a network that was trained on ImageNet; runs on the CPU.

The network is the one whose weights come with the pipeline extra, and timm prepares photos as they
were prepared when its weights were trained.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from timm.data.config import resolve_model_data_config
from timm.data.transforms_factory import create_transform

from hidden_test_spec.pictures import open_picture
from pipeline.progress import Report, counter
from pipeline.training.weights.architectures import OFFLINE_ARCHITECTURE
from pipeline.training.weights.packaged_weights import read_packaged

# On two cores, small batches, channels last, take half the time of large ones.
_BATCH_SIZE = 8
_LAYOUT = torch.channels_last


def photo_features(paths: Sequence[Path], report: Report) -> Iterator[NDArray[np.float32]]:
    """One vector per photo, in their order and the same on every call.

    Args:
        paths: Photos that can be decoded.
        report: Who listens to progress.

    Yields:
        Shape (1280,): means over a photo of the network's last activations, in [0, 6].

    Raises:
        WeightsError: If the weights are unavailable.
    """
    _, state = read_packaged(OFFLINE_ARCHITECTURE, report)
    network: Any = timm.create_model(OFFLINE_ARCHITECTURE, num_classes=1000)
    network.load_state_dict(state)
    network.reset_classifier(0)
    network.eval().to(memory_format=_LAYOUT)
    preparation: Any = resolve_model_data_config
    transform = create_transform(**preparation(network))
    tell = counter(len(paths), "Looking at photos with a network", report)
    for start in range(0, len(paths), _BATCH_SIZE):
        some = paths[start : start + _BATCH_SIZE]
        with torch.inference_mode():
            yield from network(_batch(some, transform)).numpy()
        tell(start + len(some))


def _batch(paths: Sequence[Path], transform: Any) -> torch.Tensor:
    photos = torch.stack([_tensor(path, transform) for path in paths])
    return photos.to(memory_format=_LAYOUT)


def _tensor(path: Path, transform: Any) -> Any:
    with open_picture(path) as image:
        return transform(image.convert("RGB"))
