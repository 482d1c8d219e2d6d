"""How many operations, how much work and memory one image costs a network, without computing it.

The network runs once on tensors that have a shape but no numbers. So an architecture that is small
on disk but endless to run is refused before it takes any time or memory. The run also shows whether
the outputs have the right shape.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from grader.errors import LIBRARY_ERRORS, reason_of
from grader.loading.rebuilding.terms import n_terms_of
from grader.loading.rebuilding.usage import Usage
from grader.loading.refusal import RefusedExportError
from hidden_test_spec.errors import quote_all

# The largest image models in use take about 3,000 operations, 2e12 multiplications and tensors of
# 100 MiB per image.
_MAX_OPERATIONS = 20_000
_MAX_MULTIPLICATIONS = 4 * 10**12
_MAX_TENSOR_BYTES = 2**28

# Of a size that no dimension of a network's own tensors has.
_N_IMAGES = 22
_WHERE = "model"
# Batch norms; where the sixth argument is true, they use the batch's own statistics.
_BATCH_NORMS = frozenset(
    ("native_batch_norm", "_native_batch_norm_legit", "cudnn_batch_norm", "miopen_batch_norm")
)
# Operations along the dimension that their second argument names.
_ALONG_A_DIMENSION = frozenset(
    ("_softmax", "_log_softmax", "cummax", "cummin", "cumprod", "cumsum", "glu", "logcumsumexp")
)
_ADVICE = "export an architecture of an ordinary size, on images of an ordinary size"


def check_cost(module: nn.Module, shape: tuple[int, ...], *, n_classes: int) -> None:
    """Refuse a network that costs too much on one image, or whose outputs don't match the classes.

    Args:
        module: In eval mode.
        shape: The shape of one image as the network gets it: (n_channels, height, width).
        n_classes: In the vocab.

    Raises:
        RefusedExportError: If it costs too much, fails, or its outputs aren't (n, n_classes).
    """
    images = torch.empty((_N_IMAGES, *shape), device="meta")
    usage = Usage()
    try:
        with torch.no_grad(), _without_numbers(module), usage.noting_runs():
            with _Meter(usage):
                outputs = module(images)
                usage.run_heads()
            unused = usage.unused(module)
    except LIBRARY_ERRORS as error:
        size = " x ".join(str(side) for side in shape)
        what = f"the network fails on an image of {size} ({reason_of(error)})"
        raise RefusedExportError(
            what=what, where=_WHERE, advice="try the export with learn.predict() on a photo"
        ) from error
    _check_outputs(outputs, n_classes)
    _check_unused(unused)


@contextmanager
def _without_numbers(network: nn.Module) -> Iterator[None]:
    """Inside the block, every tensor of a network has its shape and type, but no numbers."""
    places = [
        (store, name, tensor)
        for module in network.modules()
        for store in _stores(module)
        for name, tensor in store.items()
        if tensor is not None
    ]
    numberless = {id(tensor): torch.empty_like(tensor, device="meta") for _, _, tensor in places}
    try:
        for store, name, tensor in places:
            store[name] = numberless[id(tensor)]
        yield
    finally:
        for store, name, tensor in places:
            store[name] = tensor


def _stores(module: nn.Module) -> tuple[dict[str, Any], dict[str, Any]]:
    """Where a module keeps its tensors; torch's own way to swap them takes a second to import."""
    return module._parameters, module._buffers  # noqa: SLF001 - see above


def _check_unused(names: tuple[str, ...]) -> None:
    if names:
        raise RefusedExportError(
            what=f"parts of the network have no effect here: {quote_all(names)}",
            where=_WHERE,
            advice="its library changed since the export was made, so the grade would be wrong: "
            "export again with current versions of timm, torchvision and fastai",
        )


def _check_outputs(outputs: object, n_classes: int) -> None:
    if not isinstance(outputs, torch.Tensor):
        found = f"a {type(outputs).__name__}"
    elif outputs.dim() == 2 and len(outputs) == _N_IMAGES:  # noqa: PLR2004 - images and classes
        found = f"{outputs.shape[1]} outputs"
        if outputs.shape[1] == n_classes:
            return
    else:
        found = f"outputs of shape {tuple(outputs.shape)} for {_N_IMAGES} images"
    raise RefusedExportError(
        what=f"the network gives {found} where the vocab has {n_classes} classes",
        where=_WHERE,
        advice="give the network one output for each class, as vision_learner does",
    )


class _Meter(TorchDispatchMode):  # type: ignore[no-untyped-call] # torch leaves it untyped
    """Counts operations, and stops a network that exceeds a bound."""

    def __init__(self, usage: Usage) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # as above
        self._usage = usage
        self._n_operations = 0
        self._n_multiplications = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Count one operation and execute it."""
        self._n_operations += 1
        if self._n_operations > _MAX_OPERATIONS:
            raise _too_costly(f"runs more than {_MAX_OPERATIONS} operations")
        if _mixes_images(func, args):
            raise RefusedExportError(
                what=f"its answer to an image depends on the others in the batch ({func})",
                where=_WHERE,
                advice="use layers that treat each image by itself in validation, such as batch "
                "normalisation with running statistics",
            )
        self._usage.note_read((*args, *(kwargs or {}).values()))
        outputs = func(*args, **(kwargs or {}))
        for tensor in outputs if isinstance(outputs, (tuple, list)) else (outputs,):
            if isinstance(tensor, torch.Tensor):
                self._count(func, args, tensor)
        return outputs

    def _count(self, func: Any, args: tuple[Any, ...], output: torch.Tensor) -> None:
        n_bytes = output.untyped_storage().nbytes() // _N_IMAGES  # a view takes no memory
        if n_bytes > _MAX_TENSOR_BYTES:
            raise _too_costly(f"makes a tensor of {n_bytes >> 20} MiB")
        self._n_multiplications += n_terms_of(func, args, output) // _N_IMAGES
        if self._n_multiplications > _MAX_MULTIPLICATIONS:
            raise _too_costly(f"takes more than {_MAX_MULTIPLICATIONS:.0e} multiplications")


def _mixes_images(func: Any, args: tuple[Any, ...]) -> bool:
    """Whether an operation is one that would compute across the images of a batch."""
    name = str(getattr(func, "overloadpacket", func)).removeprefix("aten.")
    tensor = args[0] if args else None
    if not isinstance(tensor, torch.Tensor) or not tensor.dim() or len(tensor) != _N_IMAGES:
        return False
    if name in _BATCH_NORMS:
        return "no_stats" in str(func) or args[5] is True
    if name == "constant_pad_nd":
        return any(args[1][2 * (tensor.dim() - 1) :])
    return name in _ALONG_A_DIMENSION and int(args[1]) % tensor.dim() == 0


def _too_costly(found: str) -> RefusedExportError:
    return RefusedExportError(
        what=f"the network {found} for each image", where=_WHERE, advice=_ADVICE
    )
