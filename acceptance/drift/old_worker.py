"""Makes networks by an old timm or torchvision, which must come first on Python's path.

Each request names a model; the reply tells what the old library's network answers. The network
itself is saved. Weights are random: every number counts, none is at its neutral value.
"""

import collections.abc
import dataclasses
import importlib
import math
import sys
import types
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import torch
from torch import nn

from acceptance.exports.workers import Reply, Request, serve

_SIDES_PX = (64, 96, 128, 224, 256)
_MAX_PARAMETERS = 60_000_000
_N_CLASSES = 3


def main() -> None:
    """Serve until standard input ends."""
    torch.set_num_threads(1)
    _stand_in_for_what_is_gone()
    serve(_reply)


def _reply(request: Request) -> Reply:
    library = importlib.import_module(request["library"])
    if request["do"] == "list":
        return {"models": _listed(library, request["only"])}
    try:
        return _made(library, request)
    except Exception as error:  # noqa: BLE001 - what an old library can't do any more is a result
        return {"failed": f"{type(error).__name__}: {error}"[:300]}


def _stand_in_for_what_is_gone() -> None:
    """What old libraries import, and today's torch and Python no longer have."""
    gone = types.ModuleType("torch._six")
    names = {"container_abcs": collections.abc, "string_classes": (str,), "int_classes": int}
    vars(gone).update({**names, "inf": math.inf})
    sys.modules["torch._six"] = gone
    strict = dataclasses.dataclass

    def lenient(cls: Any = None, /, **options: Any) -> Any:
        """Python 3.11 takes no unhashable default, which a configuration of timm 0.6 has."""
        if cls is None:
            return lambda later: lenient(later, **options)
        is_old = cls.__module__.startswith("timm.") and not options
        return strict(cls, unsafe_hash=True) if is_old else strict(cls, **options)

    dataclasses.dataclass = lenient


def _listed(library: Any, only: str) -> list[dict[str, Any]]:
    found = []
    for name, home in _names(library):
        if only and not any(word in home for word in only.split()):
            continue
        try:
            with _without_work(), torch.device("meta"):
                model = _created(library, name, n_classes=_N_CLASSES)
        except Exception:  # noqa: BLE001 - it can't be tried
            found.append({"name": name, "home": home, "classes": [], "size": math.inf})
            continue
        classes = sorted({f"{type(m).__module__}.{type(m).__name__}" for m in model.modules()})
        size = sum(parameter.numel() for parameter in model.parameters())
        found.append({"name": name, "home": home, "classes": classes, "size": size})
    return found


def _names(library: Any) -> Iterator[tuple[str, str]]:
    if library.__name__ == "timm":
        for name in library.list_models():
            yield name, sys.modules["timm"].models.model_entrypoint(name).__module__
        return
    for name, made in vars(library.models).items():
        is_maker = isinstance(made, types.FunctionType) and "models" in made.__module__
        if is_maker and name.islower() and not name.startswith(("get_", "list_")):
            yield name, made.__module__


def _created(library: Any, name: str, *, n_classes: int, **options: Any) -> nn.Module:
    if library.__name__ == "timm":
        made: nn.Module = library.create_model(
            name, pretrained=False, num_classes=n_classes, **options
        )
        return made
    further = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model: nn.Module = getattr(library.models, name)(num_classes=n_classes, **further)
    return model


@contextmanager
def _without_work() -> Iterator[None]:
    """Inside the block, numbers are made in memory and no weight is drawn."""
    linspace = torch.linspace
    names = [name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")]

    def on_cpu(*args: Any, **options: Any) -> torch.Tensor:
        return linspace(*args, **{**options, "device": "cpu"})

    with ExitStack() as stack:
        for name in names:
            stack.enter_context(mock.patch.object(nn.init, name, _unchanged))
        stack.enter_context(mock.patch.object(torch, "linspace", on_cpu))
        yield


def _unchanged(tensor: Any, *_args: Any, **_options: Any) -> Any:
    return tensor


def _made(library: Any, request: Request) -> Reply:
    torch.manual_seed(0)
    is_whole = request["form"] == "whole"
    with _without_work():
        model = _created(library, request["name"], n_classes=_N_CLASSES if is_whole else 0)
    if sum(parameter.numel() for parameter in model.parameters()) > _MAX_PARAMETERS:
        return {"failed": "too large"}
    network = (model if is_whole else _with_head(model)).eval()
    _draw(network)
    images, outputs = _answered(network, model)
    torch.save(network, request["file"])
    torch.save({"images": images, "outputs": outputs}, f"{request['file']}.answers")
    return {"side_px": images.shape[-1], "largest": float(outputs.abs().max())}


class Features(nn.Module):
    """Stands for fastai's TimmBody, and is saved under its name."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.needs_pool = model.default_cfg.get("pool_size") is not None
        self.model = model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The features of images."""
        features: torch.Tensor = (
            self.model.forward_features(x) if self.needs_pool else self.model(x)
        )
        return features


Features.__name__ = Features.__qualname__ = "TimmBody"
Features.__module__ = "fastai.vision.learner"


def _with_head(model: Any) -> nn.Module:
    """The network that fastai makes of a model of timm."""
    home = types.ModuleType("fastai.vision.learner")
    vars(home)["TimmBody"] = Features
    sys.modules["fastai.vision.learner"] = home
    body = Features(model)
    pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten()] if body.needs_pool else []
    return nn.Sequential(body, *pool, nn.Linear(model.num_features, _N_CLASSES))


def _draw(model: nn.Module) -> None:
    """Give every parameter and statistic a number that isn't neutral."""
    generator = torch.Generator().manual_seed(1)

    def noise(tensor: torch.Tensor) -> torch.Tensor:
        return torch.randn(tensor.shape, generator=generator)

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            fan = max(1, parameter[0].numel()) if parameter.dim() > 1 else 1
            if parameter.dim() > 1:
                parameter.copy_(noise(parameter) / math.sqrt(fan))
            else:
                centre = 0.0 if name.endswith("bias") else 0.8
                parameter.copy_(centre + 0.2 * noise(parameter))
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(0.3 * noise(buffer))
            elif name.endswith("running_var"):
                buffer.copy_(1 + 0.5 * noise(buffer).abs())


def _answered(network: nn.Module, model: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Images of the first side that the network takes, and what it answers."""
    configured = getattr(model, "default_cfg", None) or {}
    size = configured.get("input_size", (3, 224, 224))[-1]
    error: Exception | None = None
    for side in (*(one for one in _SIDES_PX if one < size), size, 299):
        images = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(side))
        try:
            with torch.no_grad():
                outputs = network(images)
        except Exception as found:  # noqa: BLE001 - another side may do
            error = found
            continue
        if outputs.shape == (2, _N_CLASSES) and outputs.isfinite().all():
            return images, outputs
    raise error or ValueError("it answers nothing that can be compared")


if __name__ == "__main__":
    main()
