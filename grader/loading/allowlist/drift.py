"""What changed in torchvision and timm since an export was made: a table, no logic."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Where classes used to be, and where they are today; the first matching prefix is replaced.
MOVED: Mapping[str, str] = MappingProxyType(
    {
        "timm.models.layers.": "timm.layers.",
        "timm.models.efficientnet_blocks.": "timm.models._efficientnet_blocks.",
        "torchvision.models.mobilenet.": "torchvision.models.mobilenetv2.",
        "torchvision.models.efficientnet.SqueezeExcitation": (
            "torchvision.ops.misc.SqueezeExcitation"
        ),
    }
)

# Enumerations whose members may be attributes; each is made from the member's value.
ENUMERATIONS = frozenset(("timm.layers.format.Format",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """An attribute that a class expects today and older exports lack.

    Attributes:
        class_path: Where the class is today.
        name: The attribute.
        value: What older versions did.
        reason: Since which version it exists, and why this value is right.
    """

    class_path: str
    name: str
    value: object
    reason: str


DRIFT: tuple[Drift, ...] = (
    Drift(
        class_path="torchvision.models.densenet._DenseLayer",
        name="memory_efficient",
        value=False,
        reason="torchvision 0.4; before, no activation was ever computed twice to save memory",
    ),
    Drift(
        class_path="torchvision.models.googlenet.GoogLeNet",
        name="transform_input",
        value=False,
        reason="the body that fastai cuts out never had it; the constructor's default is False",
    ),
)
