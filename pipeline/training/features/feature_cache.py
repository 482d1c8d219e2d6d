"""What a frozen body makes of each image, computed once: the features that a head is fitted to."""

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from pipeline.training.image_cache import AS_GRADED, LabelledImages

# On a CPU, a few images at a time fit into its caches.
_CPU_BATCH: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Features of images, one row for each view of an image, and their classes; on the CPU.

    Attributes:
        values: Shape (n_views, n_features), float32: the inputs of the head's last layer.
        targets: Shape (n_views,): class indices, in the order of the learner's vocab.
    """

    values: Tensor
    targets: Tensor

    def __post_init__(self) -> None:
        if self.values.shape[:-1] != self.targets.shape:
            raise ValueError(f"{self.values.shape} features of {self.targets.shape} images")


def val_features(learner: Any) -> Features:
    """Features of val, seen as a grader sees images: one row per image, in the data set's order."""
    return _join(_views(learner, learner.dls.valid, mirrored=False))


def train_features(learner: Any, *, n_views: int, flips: bool) -> Features:
    """Features of train: each image as a grader sees it, mirrored, and in random views.

    Args:
        learner: With loaders whose train part crops and augments at random.
        n_views: How many random views of each image to add.
        flips: Whether an image's mirror image is added.

    Returns:
        One row for each view of each image: all images in one view, then all in the next.
    """
    train, val = learner.dls.loaders
    plain = val.new(dataset=LabelledImages(train.dataset, split_idx=AS_GRADED))
    views = _views(learner, plain, mirrored=flips)
    at_random = train.new(shuffle=False, drop_last=False)
    for _ in range(n_views):
        views += _views(learner, at_random, mirrored=False)
    return _join(views)


def _views(learner: Any, loader: Any, *, mirrored: bool) -> list[Features]:
    """Features of all images of a loader; on request a second time, of their mirror images."""
    if loader.device.type == "cpu":
        loader = loader.new(bs=_CPU_BATCH)
    body = nn.Sequential(learner.model[0], *list(learner.model[1])[:-1]).eval()
    views: tuple[list[Tensor], ...] = ([], []) if mirrored else ([],)
    targets: list[Tensor] = []
    with torch.no_grad():
        for images, labels in loader:
            plain = images.as_subclass(Tensor)
            for view, seen in zip(views, (plain, plain.flip(-1)), strict=False):
                view.append(body(seen).float().cpu())
            targets.append(labels.as_subclass(Tensor).cpu())
    return [Features(values=torch.cat(view), targets=torch.cat(targets)) for view in views]


def _join(views: list[Features]) -> Features:
    return Features(
        values=torch.cat([view.values for view in views]),
        targets=torch.cat([view.targets for view in views]),
    )
