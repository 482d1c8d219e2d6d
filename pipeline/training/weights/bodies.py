"""Bodies of networks: what fastai leaves out when it cuts one, and how to divide it into groups.

A group is a list of parameters that share a learning rate: the lower body, which hardly needs to
change, the upper body, and the head. Bodies that fastai can divide are left to fastai.
"""

from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

from timm.models import group_parameters
from torch import nn

# The first child of the upper body, where fastai's own table has no entry: the images that reach it
# have been halved four times (in a vgg, three times, as fastai does in those with normalisation).
_UPPER_BODIES = (
    ("resnext", 6),
    ("wide_resnet", 6),
    ("googlenet", 8),
    ("inception_v3", 10),
    ("vgg11", 11),
    ("vgg13", 15),
    ("vgg16", 17),
    ("vgg19", 19),
)
_DENSENET = "densenet"

_Groups = list[list[nn.Parameter]]


def needs_its_relu(name: str) -> bool:
    """Whether an architecture ends its features with a ReLU that is not one of its modules."""
    return name.startswith(_DENSENET)


def with_its_relu(densenet: Any) -> nn.Sequential:
    """A densenet as modules only: its features, the ReLU after them, and a pool to cut at.

    The ReLU is in the network's forward(), so fastai's cut would lose it, and the head would get
    features that the weights were not trained for.
    """
    return nn.Sequential(densenet.features, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))


def split_torchvision(name: str, model: Any) -> _Groups:
    """The parameters of a learner's network in three groups, for a body from torchvision.

    Args:
        name: The architecture's name.
        model: The body and the head. The body is divided at a known place, or else in the middle.

    Returns:
        The parameters of the lower body, the upper body and the head; each is in one group.
    """
    stages = list(model[0].children())
    if len(stages) == 1:
        stages = list(stages[0].children())
    known = (first for prefix, first in _UPPER_BODIES if name.startswith(prefix))
    first = next(known, len(stages) // 2)
    return [_parameters(stages[:first]), _parameters(stages[first:]), _parameters(model[1:])]


def split_timm(model: Any) -> _Groups:
    """The parameters of a learner's network in three groups, for a body from timm.

    timm names the layers of nearly all of its networks, and the upper body is the second half of
    them; for the rest it is the second half of the parameters.

    Returns:
        As for `split_torchvision`.
    """
    body = model[0].model
    parameters = dict(body.named_parameters())
    matcher = getattr(body, "group_matcher", None)
    layers = list(group_parameters(body, matcher()).values() if matcher else zip(parameters))
    lower = set(chain.from_iterable(islice(layers, len(layers) // 2)))
    return [
        [parameter for name, parameter in parameters.items() if name in lower],
        [parameter for name, parameter in parameters.items() if name not in lower],
        _parameters(model[1:]),
    ]


def _parameters(modules: Iterable[nn.Module]) -> list[nn.Parameter]:
    return [parameter for module in modules for parameter in module.parameters()]
