"""A fastai learner: loaders, a body with its starting weights, and a new head."""

import warnings
from pathlib import Path
from typing import Any

import torch
from fastai.metrics import accuracy
from fastai.torch_core import set_seed
from fastai.vision.learner import default_split, model_meta, vision_learner

from hidden_test_spec.sidecar import Normalisation
from pipeline.splitting.dataset import Dataset
from pipeline.training.loaders import NO_NORMALISATION, make_loaders
from pipeline.training.machine import find_device
from pipeline.training.recipes import Recipe
from pipeline.training.settings import TrainingSettings
from pipeline.training.weights.architectures import Architecture, Library, build_errors
from pipeline.training.weights.weights import BodyWeights

# Of fastai's create_head: mean pooling and one layer, which features can be fitted to.
_LINEAR_HEAD = {"lin_ftrs": [], "ps": 0.0, "concat_pool": False, "first_bn": False}


def build_learner(
    dataset: Dataset,
    settings: TrainingSettings,
    architecture: Architecture,
    weights: BodyWeights,
    out: Path,
) -> Any:
    """A learner ready for the first stage, seeded; it will save its weights in `out`/models.

    Returns:
        fastai's Learner, with accuracy as its metric.

    Raises:
        UsageError: If the architecture can't be used as a body on images of this size.
        MachineError: If the device that was asked for isn't there.
    """
    device = find_device(settings.device)
    set_seed(settings.seed, reproducible=True)
    normalisation = normalisation_of(settings.recipe, architecture)
    loaders = make_loaders(dataset, settings, normalisation, device)
    with build_errors(architecture):
        learner = _vision_learner(loaders, architecture, settings.recipe, out)
        _load_body(learner.model[0], architecture, weights)
        _check_forward(learner.model, device, settings.image_size_px)
    return learner


def normalisation_of(recipe: Recipe, architecture: Architecture) -> Normalisation:
    """The normalisation of images: that of the weights' training, if the recipe says so.

    fastai itself knows it for all of timm's and some of torchvision's architectures, and doesn't
    normalise images for the rest.
    """
    is_known = architecture.library is Library.TIMM or architecture.function in model_meta
    if recipe.images.normalisation == "weights" or is_known:
        return architecture.normalisation
    return NO_NORMALISATION


def _vision_learner(loaders: Any, architecture: Architecture, recipe: Recipe, out: Path) -> Any:
    with warnings.catch_warnings():
        # fastai names torchvision's weights by the older parameter where its table lacks them.
        warnings.filterwarnings("ignore", message="The parameter 'pretrained' is deprecated")
        warnings.filterwarnings("ignore", message="Arguments other than a weight enum or `None`")
        learner = vision_learner(
            loaders,
            architecture.builder,
            normalize=False,
            pretrained=False,
            metrics=accuracy,
            path=out,
            splitter=_splitter(recipe, architecture),
            **(_LINEAR_HEAD if recipe.head == "linear" else {}),
        )
    learner.arch = architecture.function
    return learner


def _splitter(recipe: Recipe, architecture: Architecture) -> Any:
    """The function that divides the layers into groups: lower body, upper body and head.

    fastai itself makes one group of a body that its table lacks.
    """
    if recipe.groups == "three":
        return architecture.splitter
    return model_meta.get(architecture.function, {"split": default_split})["split"]


def _load_body(body: Any, architecture: Architecture, weights: BodyWeights) -> None:
    if weights.state is not None:
        target = body.model if architecture.library is Library.TIMM else body
        target.load_state_dict(weights.state)


def _check_forward(model: Any, device: torch.device, image_size_px: int) -> None:
    """Try two blank images, so that a misfit shows before training starts."""
    model.to(device).eval()
    with torch.no_grad():
        model(torch.zeros(2, 3, image_size_px, image_size_px, device=device))
