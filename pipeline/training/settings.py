"""What a user can set about training, as one frozen value."""

from dataclasses import dataclass
from enum import StrEnum

AUTO = "auto"


class Weights(StrEnum):
    """What the body starts from."""

    PRETRAINED = "pretrained"
    RANDOM = "random"


class Device(StrEnum):
    """Where to train; auto takes a GPU where there is one."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """The settings of one training run; the defaults are the source document's.

    Attributes:
        architecture: A name of torchvision or timm, or auto.
        weights: What the body starts from.
        seed: Fixes the order of the images, the augmentation and the new head.
        image_size_px: Side of the square that images are cropped to.
        n_epochs: Epochs of the first stage.
        n_fine_tune_epochs: Epochs of the second stage, after one with the body frozen.
        batch_size: Images in a batch; fewer where the train set is smaller.
        device: Where to train.
        flips: Whether images are mirrored at random; wrong for letters and digits.
    """

    architecture: str = AUTO
    weights: Weights = Weights.PRETRAINED
    seed: int = 5
    image_size_px: int = 224
    n_epochs: int = 10
    n_fine_tune_epochs: int = 10
    batch_size: int = 64
    device: Device = Device.AUTO
    flips: bool = True
