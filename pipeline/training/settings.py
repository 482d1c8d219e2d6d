"""What a user can set about training, as one frozen value."""

from dataclasses import asdict, dataclass, field
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

from pipeline.training.recipes import Recipe, read_recipe

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


class Precision(StrEnum):
    """The numbers that a network calculates with; auto takes 16 bits on a GPU, 32 on a CPU."""

    AUTO = "auto"
    FP32 = "fp32"
    FP16 = "fp16"
    BF16 = "bf16"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """The settings of one training run; the defaults are the default recipe's.

    Attributes:
        recipe: How to train. The sizes and counts below replace the recipe's own.
        architecture: A name of torchvision or timm, or auto.
        weights: What the body starts from; a path is the user's own file, or a folder with it.
        seed: Fixes the order of the images, the augmentation and the new head.
        image_size_px: Side of the square that images are cropped to.
        n_epochs: Epochs of the first stage.
        n_fine_tune_epochs: Epochs of the second stage with all of the network.
        batch_size: Images in a batch; fewer where the train set is smaller.
        n_accumulated: Batches whose gradients make one step.
        device: Where to train.
        precision: What to calculate with.
        n_workers: Processes that load images beside the training one; None to choose by the device.
        flips: Whether images are mirrored at random; wrong for letters and digits.
    """

    recipe: Recipe = field(default_factory=read_recipe)
    architecture: str = AUTO
    weights: Weights | Path = Weights.PRETRAINED
    seed: int = 5
    image_size_px: int = 224
    n_epochs: int = 9
    n_fine_tune_epochs: int = 4
    batch_size: int = 32
    n_accumulated: int = 1
    device: Device = Device.AUTO
    precision: Precision = Precision.AUTO
    n_workers: int | None = None
    flips: bool = True

    def as_record(self) -> dict[str, Any]:
        """The settings as values of JSON, to compare one run with another."""
        values = {name: value for name, value in asdict(self).items() if name != "recipe"}
        plain = {
            name: str(one) if isinstance(one, Enum | Path) else one for name, one in values.items()
        }
        return {**plain, "recipe": self.recipe.model_dump(mode="json")}
