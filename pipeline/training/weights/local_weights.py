"""Weights from the user's own file or folder, of which only tensors are read.

The names of the tensors are those of the library that builds the architecture: what torchvision
and timm publish can be used as it is, and so can a network of theirs that was trained elsewhere.
"""

import re
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from timm.models import load_state_dict

from hidden_test_spec.errors import quote, quote_all
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import WeightsOrigin
from pipeline.errors import WeightsError

# The names of files of weights on timm's hub.
HUB_NAMES = ("model.safetensors", "pytorch_model.bin")
_ENDINGS = (".safetensors", ".pth", ".pt", ".bin")
_READ_ERRORS = (
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,
    SafetensorError,
    UnpicklingError,
    ValueError,
)
# The names that torchvision's own densenet files use for the modules norm1, conv1 and so on.
_OLD_DENSENET_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")


def read_local(
    name: str, path: Path, *, published_name: str | None
) -> tuple[WeightsOrigin, dict[str, torch.Tensor]]:
    """The tensors of a file, with where they came from: the file's name and hash, not its folder.

    Args:
        name: The architecture.
        path: The file, or a folder that holds it under a known name.
        published_name: The name under which torchvision publishes the file; None if it doesn't.

    Returns:
        The origin, and tensors on the CPU by the names of the whole network; their shapes are not
        checked.

    Raises:
        WeightsError: If there is no such file, or it holds anything but tensors.
    """
    file = _find(name, path, published_name)
    try:
        tensors = load_state_dict(str(file), use_ema=False, device="cpu", weights_only=True)
        state = {_OLD_DENSENET_NAME.sub(r"\1\2.", key): tensors[key] for key in tensors}
        origin = WeightsOrigin(source=f"file {file.name}", sha256=sha256_of(file))
    except _READ_ERRORS as error:
        raise _error(name, f"{quote(str(file))} is not a weights file") from error
    if not state or not all(isinstance(tensor, torch.Tensor) for tensor in state.values()):
        raise _error(name, f"{quote(str(file))} holds something other than named tensors")
    return origin, state


def _find(name: str, path: Path, published_name: str | None) -> Path:
    if path.is_file():
        return path
    if not path.is_dir():
        raise _error(name, f"there is no file or folder {quote(str(path))}")
    published = (published_name,) if published_name else ()
    wanted: tuple[str, ...] = (*published, *(f"{name}{ending}" for ending in _ENDINGS), *HUB_NAMES)
    for candidate in wanted:
        if (path / candidate).is_file():
            return path / candidate
    raise _error(name, f"the folder {quote(str(path))} holds none of {quote_all(wanted)}")


def _error(name: str, reason: str) -> WeightsError:
    remedy = "name a file that holds the state dict of this architecture, or a folder with it"
    return WeightsError(architecture=name, reason=reason, remedy=remedy)
