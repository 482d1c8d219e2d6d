"""Architectures by name: their library, their weights' normalisation, and their three groups.

torchvision's image classifiers come first; any other name is looked up in timm.
"""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import timm
from fastai.vision.learner import model_meta
from torchvision import models

from hidden_test_spec.errors import quote, quote_all
from hidden_test_spec.sidecar import Normalisation
from pipeline.errors import UsageError
from pipeline.training.weights.bodies import (
    needs_its_relu,
    split_timm,
    split_torchvision,
    with_its_relu,
)

DOCUMENT_ARCHITECTURE = "resnext50_32x4d"
OFFLINE_ARCHITECTURE = "tf_efficientnet_lite0"

# Their auxiliary heads would land in the middle of a body. And their weights were trained on inputs
# in [-1, 1]: the full models convert to that range in forward(), which a body leaves out.
_INCEPTIONS = ("googlenet", "inception_v3")
_BUILD_ERRORS = (AssertionError, AttributeError, RuntimeError, StopIteration, TypeError, ValueError)
_HALVES = Normalisation(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


class Library(StrEnum):
    """The library that builds an architecture."""

    TORCHVISION = "torchvision"
    TIMM = "timm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A network that can be asked for by name.

    Attributes:
        name: Its name in its library.
        library: The library that builds it.
        function: The function of torchvision that builds it, or timm's name for it.
        options: Arguments of the function, so that a body can be cut from what it builds.
        normalisation: What its pretrained weights were trained with.
    """

    name: str
    library: Library
    function: Any
    options: tuple[tuple[str, Any], ...] = ()
    normalisation: Normalisation

    @property
    def builder(self) -> Any:
        """What fastai's vision_learner takes."""
        is_plain = not self.options and not needs_its_relu(self.name)
        return self.function if is_plain else self.build

    @property
    def splitter(self) -> Any:
        """The splitter for vision_learner: divides the layers into lower body, upper body and head.

        It is fastai's own if fastai has one for the architecture.
        """
        if self.library is Library.TIMM:
            return split_timm
        known = model_meta.get(self.function)
        return known["split"] if known else partial(split_torchvision, self.name)

    def build(self, **weights: Any) -> Any:
        """A network of torchvision's that a body can be cut from.

        Args:
            **weights: The arguments of torchvision's function about weights.
        """
        return self.cuttable(self.function(**weights, **dict(self.options)))

    def cuttable(self, network: Any) -> Any:
        """The same network, with everything that its body needs in modules."""
        return with_its_relu(network) if needs_its_relu(self.name) else network


def find_architecture(name: str) -> Architecture:
    """The architecture of a name.

    Raises:
        UsageError: If neither library has it.
    """
    if name in _torchvision_names():
        return Architecture(
            name=name,
            library=Library.TORCHVISION,
            function=models.get_model_builder(name),
            options=(("aux_logits", False), ("init_weights", False)) if name in _INCEPTIONS else (),
            normalisation=_torchvision_normalisation(name),
        )
    config = _timm_config(name) if timm.is_model(name) else None
    if config is not None:
        return Architecture(
            name=name,
            library=Library.TIMM,
            function=name,
            normalisation=Normalisation(mean=config.mean, std=config.std),
        )
    known = [*_torchvision_names(), *timm.list_models(), *timm.list_pretrained()]
    similar = difflib.get_close_matches(name, known, n=3)
    hint = f"; similar names: {quote_all(similar)}" if similar else ""
    raise UsageError(
        what=f"{quote(name)} is not an architecture of torchvision or timm{hint}",
        where=f"--arch {name}",
        advice="use auto, tf_efficientnet_lite0, or the name of another image classifier of these "
        "libraries",
    )


def default_weights(name: str) -> Any:
    """The member of torchvision's weights enum that torchvision calls its default."""
    return models.get_model_weights(name).DEFAULT


@contextmanager
def build_errors(architecture: Architecture) -> Iterator[None]:
    """Translate what fastai raises when an architecture can't be cut into a body, or run.

    Raises:
        UsageError: Instead of that error.
    """
    try:
        yield
    except _BUILD_ERRORS as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise UsageError(
            what=f"The architecture can't be used as a body with a new head ({reason})",
            where=f"--arch {architecture.name}",
            advice="use another --arch, such as auto or tf_efficientnet_lite0, or the --image-size "
            "it was made for",
        ) from error


def hub_id(name: str) -> str:
    """Where timm's hub keeps the weights of an architecture; its own name if there are none."""
    config = _timm_config(name)
    return name if config is None else str(config.hf_hub_id or name)


def _timm_config(name: str) -> Any | None:
    """What timm knows about the weights of a name; None if the tag after its dot is unknown."""
    try:
        return timm.get_pretrained_cfg(name, allow_unregistered=True)
    except RuntimeError:
        return None


def _torchvision_names() -> list[str]:
    names: list[str] = models.list_models(module=models)
    return names


def _torchvision_normalisation(name: str) -> Normalisation:
    if name in _INCEPTIONS:
        return _HALVES
    preset = default_weights(name).transforms()
    return Normalisation(mean=tuple(preset.mean), std=tuple(preset.std))
