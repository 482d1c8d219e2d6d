"""Architectures by name: which library builds them, and the normalisation of their weights.

torchvision's image classifiers come first; any other name is looked up in timm.
"""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import timm
from torchvision import models

from hidden_test_spec.sidecar import Normalisation
from pipeline.errors import UnknownArchitectureError, UnusableArchitectureError

DOCUMENT_ARCHITECTURE = "resnext50_32x4d"
OFFLINE_ARCHITECTURE = "tf_efficientnet_lite0"

# Their weights were trained on inputs in [-1, 1]: torchvision's full models convert to that range
# in forward(), which a body that is cut from them leaves out.
_TRANSFORM_INPUT = ("googlenet", "inception_v3")
_BUILD_ERRORS = (AssertionError, AttributeError, RuntimeError, StopIteration, TypeError, ValueError)
_HALVES = Normalisation(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


class Library(StrEnum):
    """Who builds an architecture."""

    TORCHVISION = "torchvision"
    TIMM = "timm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A network that can be asked for by name.

    Attributes:
        name: Its name in its library.
        library: Who builds it.
        builder: What fastai's vision_learner takes: a function of torchvision, or timm's name.
        normalisation: What its pretrained weights were trained with.
    """

    name: str
    library: Library
    builder: Any
    normalisation: Normalisation


def find_architecture(name: str) -> Architecture:
    """The architecture of a name.

    Raises:
        UnknownArchitectureError: If neither library has it.
    """
    if name in _torchvision_names():
        return Architecture(
            name=name,
            library=Library.TORCHVISION,
            builder=models.get_model_builder(name),
            normalisation=_torchvision_normalisation(name),
        )
    if timm.is_model(name):
        config = _timm_config(name)
        return Architecture(
            name=name,
            library=Library.TIMM,
            builder=name,
            normalisation=Normalisation(mean=config.mean, std=config.std),
        )
    known = [*_torchvision_names(), *timm.list_models()]
    similar = difflib.get_close_matches(name, known, n=3)
    raise UnknownArchitectureError(name=name, similar=tuple(similar))


def default_weights(name: str) -> Any:
    """The member of torchvision's weights enum that torchvision calls its default."""
    return models.get_model_weights(name).DEFAULT


@contextmanager
def build_errors(architecture: Architecture) -> Iterator[None]:
    """Translate what fastai raises when an architecture can't be cut into a body, or run.

    Raises:
        UnusableArchitectureError: In place of it.
    """
    try:
        yield
    except _BUILD_ERRORS as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise UnusableArchitectureError(name=architecture.name, reason=reason) from error


def hub_id(name: str) -> str:
    """Where timm's hub keeps the weights of an architecture; its name where there are none."""
    return str(_timm_config(name).hf_hub_id or name)


def _timm_config(name: str) -> Any:
    return timm.get_pretrained_cfg(name, allow_unregistered=True)


def _torchvision_names() -> list[str]:
    names: list[str] = models.list_models(module=models)
    return names


def _torchvision_normalisation(name: str) -> Normalisation:
    if name in _TRANSFORM_INPUT:
        return _HALVES
    preset = default_weights(name).transforms()
    return Normalisation(mean=tuple(preset.mean), std=tuple(preset.std))
