"""What a learner does on its val part, and the splitter that its export may hold."""

from typing import Any

import torch
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import accuracy
from fastai.vision.learner import default_split

from hidden_test_spec.resizing import resizing_in_order
from hidden_test_spec.sidecar import Measured


def measure(learner: Any) -> Measured:
    """Loss, in nats, and accuracy, in [0, 1], of a learner on its val part; means over images.

    The loss is plain cross-entropy, whatever the learner was trained with, so that it can be
    compared with what others measure. On a GPU it is calculated in full float32, without TF32.
    Photos are resized as for a grade, whichever Pillow is installed.
    """
    kept = learner.loss_func, learner.metrics
    learner.loss_func, learner.metrics = CrossEntropyLossFlat(), [accuracy]
    try:
        with learner.no_bar(), learner.no_logging(), _full_float32(), resizing_in_order():
            loss, share = learner.validate()
    finally:
        learner.loss_func, learner.metrics = kept
    return Measured(n_images=len(learner.dls.valid_ds), loss=float(loss), accuracy=float(share))


def _full_float32() -> Any:
    return torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )


def plain_splitter(splitter: Any) -> Any:
    """A splitter that plain fastai can load: this one if it is fastai's, else fastai's default."""
    module: str = getattr(splitter, "__module__", "")
    return splitter if module.startswith("fastai.") else default_split
