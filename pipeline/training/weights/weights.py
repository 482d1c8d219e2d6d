"""Where a body's starting weights come from. Random weights are used only if asked for by name.

Weights are loaded as tensors and nothing else; a file that holds other objects is refused.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError

import huggingface_hub
import timm
import torch

from hidden_test_spec.errors import quote
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.errors import UsageError, WeightsError
from pipeline.progress import Report
from pipeline.training.settings import AUTO, TrainingSettings, Weights
from pipeline.training.weights.architectures import (
    DOCUMENT_ARCHITECTURE,
    OFFLINE_ARCHITECTURE,
    Architecture,
    Library,
    default_weights,
    find_architecture,
    hub_id,
)
from pipeline.training.weights.downloads import DownloadError, check_hash, fetch
from pipeline.training.weights.fitting import fit_body
from pipeline.training.weights.local_weights import HUB_NAMES, read_local
from pipeline.training.weights.packaged_weights import PACKAGES, read_packaged

_AUTO_DEADLINE_S = 20.0
_ASKED_DEADLINE_S = 900.0

_Tensors = tuple[WeightsOrigin, dict[str, torch.Tensor]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyWeights:
    """Starting weights: where they came from, and the body's state dict (None if random)."""

    origin: WeightsOrigin
    state: dict[str, torch.Tensor] | None


def choose_architecture(settings: TrainingSettings, report: Report) -> Architecture:
    """The architecture that settings name; auto is decided by which weights are available.

    Raises:
        UsageError: If there is none of that name, or if auto is combined with the user's own
            weights.
    """
    if settings.architecture != AUTO:
        return find_architecture(settings.architecture)
    if isinstance(settings.weights, Path):
        raise UsageError(
            what="Your own weights can't be used with --arch auto: they fit only one architecture",
            where=f"--weights {settings.weights}",
            advice="name it with --arch",
        )
    chosen = find_architecture(DOCUMENT_ARCHITECTURE)
    if settings.weights is Weights.RANDOM:
        report(f"Architecture: {chosen.name}, since random weights need no file")
        return chosen
    try:
        _cached_file(chosen, deadline_s=_AUTO_DEADLINE_S, report=report)
    except (DownloadError, OSError) as error:
        reason = f"{chosen.name}'s weights are unavailable: {error}"
        report(f"Architecture: {OFFLINE_ARCHITECTURE}, since {reason}")
        return find_architecture(OFFLINE_ARCHITECTURE)
    report(f"Architecture: {chosen.name}, since its weights are in the cache")
    return chosen


def load_weights(architecture: Architecture, wanted: Weights | Path, report: Report) -> BodyWeights:
    """Load the weights that the body of an architecture starts from.

    Args:
        architecture: The architecture.
        wanted: Random, pretrained from any source that has them, or the user's file or folder.
        report: Who listens to progress.

    Raises:
        WeightsError: If the weights are unavailable or belong to another architecture.
        UsageError: If no body can be cut from the architecture.
    """
    if wanted is Weights.RANDOM:
        return BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None)
    if isinstance(wanted, Path):
        origin, tensors = read_local(
            architecture.name, wanted, published_name=_published_name(architecture)
        )
        report(f"Weights: {origin.source}")
    elif architecture.name in PACKAGES:
        origin, tensors = read_packaged(architecture.name, report)
    elif architecture.library is Library.TORCHVISION:
        origin, tensors = _torchvision_weights(architecture, report)
    else:
        origin, tensors = _timm_weights(architecture, report)
    return BodyWeights(origin=origin, state=fit_body(architecture, tensors))


def torch_cache_file(architecture: Architecture) -> Path:
    """Where torch's cache keeps, or would keep, torchvision's default weights."""
    name: str = default_weights(architecture.name).url.rpartition("/")[2]
    return Path(torch.hub.get_dir()) / "checkpoints" / name


def _cached_file(architecture: Architecture, *, deadline_s: float, report: Report) -> Path:
    """The file in torch's cache, fetched if missing, and checked against the hash in its name."""
    path = torch_cache_file(architecture)
    if not path.exists():
        report(f"Fetching {path.name} (at most {deadline_s:g} s) ...")
        fetch(default_weights(architecture.name).url, path, deadline_s=deadline_s)
    check_hash(path, name=path.name)
    return path


def _published_name(architecture: Architecture) -> str | None:
    """The name of torchvision's file; None for an architecture of timm's."""
    is_torchvision = architecture.library is Library.TORCHVISION
    return torch_cache_file(architecture).name if is_torchvision else None


def _torchvision_weights(architecture: Architecture, report: Report) -> _Tensors:
    path = torch_cache_file(architecture)
    weights = default_weights(architecture.name)
    remedy = f"put the file {quote(path.name)} into the folder {quote(str(path.parent))}"
    try:
        _cached_file(architecture, deadline_s=_ASKED_DEADLINE_S, report=report)
        # torchvision would load any object that the file holds: make sure first that it holds only
        # tensors.
        torch.load(path, map_location="cpu", weights_only=True)
        published = architecture.function(weights=weights).state_dict()
    except (DownloadError, OSError, RuntimeError, UnpicklingError) as error:
        raise WeightsError(
            architecture=architecture.name, reason=_first_line(error), remedy=remedy
        ) from error
    return WeightsOrigin(source=f"torchvision {weights}", sha256=sha256_of(path)), published


def _timm_weights(architecture: Architecture, report: Report) -> _Tensors:
    hub_name = hub_id(architecture.name)
    report(f"Looking for the weights of {architecture.name} in the cache and on the hub ...")
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        network = timm.create_model(architecture.name, pretrained=True, num_classes=0)
    except (OSError, RuntimeError, ValueError, huggingface_hub.errors.HfHubHTTPError) as error:
        raise WeightsError(
            architecture=architecture.name,
            reason=_first_line(error),
            remedy=f"go online once, so that the hub's cache can keep {quote(hub_name)}",
        ) from error
    found = (huggingface_hub.try_to_load_from_cache(hub_name, name) for name in HUB_NAMES)
    cached = next((Path(path) for path in found if isinstance(path, str)), None)
    sha256 = None if cached is None else sha256_of(cached)
    return WeightsOrigin(source=f"timm {hub_name}", sha256=sha256), network.state_dict()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
