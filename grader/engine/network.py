"""One batch through a model's network: in eval mode, without TF32, and nothing trusted.

Any error inside the network becomes a refusal of the model, except lack of memory, which is the
machine's.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from grader.engine.classifier import Classifier
from grader.engine.independence import Watch
from grader.errors import MachineError, ModelRefusedError
from grader.images.tensor_steps import prepare_batch
from hidden_test_spec.errors import quote

N_REASON_CHARS = 300
HOW_TO_MEND = "export a model that predicts on photos of any size; try it with learn.predict()"

_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
# What torch and its libraries say when an allocation fails, on a CPU or a GPU.
_OUT_OF_MEMORY = ("defaultcpuallocator", "not enough memory", "out of memory", "alloc_failed")


def network_input(
    classifier: Classifier, tensors: Sequence[torch.Tensor], device: torch.device
) -> torch.Tensor:
    """Prepared images, as the batch that the network gets.

    Raises:
        ModelRefusedError: If the images have unequal shapes, or the export's transforms fail.
    """
    if len({tuple(tensor.shape) for tensor in tensors}) > 1:
        raise refused(classifier, "It leaves images at unequal sizes, so they can't form a batch")
    with blamed_on(classifier, f"Its transforms fail on a batch of {len(tensors)} images"):
        return prepare_batch(tensors, device, classifier.preprocessing)


def logits_of(
    classifier: Classifier,
    tensors: Sequence[torch.Tensor],
    device: torch.device,
    *,
    watch: Watch | None = None,
) -> NDArray[np.float64]:
    """The network's outputs for prepared images, shape (n_images, n_outputs), in its precision.

    Args:
        classifier: The model.
        tensors: The images, prepared.
        device: Where the network is.
        watch: Follows the images through the network.

    Raises:
        ModelRefusedError: If the network fails, or gives no row of outputs as wide as the vocab for
            each image. Outputs may still be NaN or infinite.
    """
    # These flags are the process's, so they aren't touched where two threads might.
    exact = (
        nullcontext()
        if device.type == "cpu"
        else torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True, allow_tf32=False
        )
    )
    with torch.inference_mode(), exact:
        batch = network_input(classifier, tensors, device)
        with blamed_on(classifier, f"The network fails on a batch of {len(tensors)} images"):
            outputs = _outputs_of(classifier, batch, watch)
        _check_outputs(classifier, outputs, n_images=len(tensors))
        with blamed_on(classifier, "The network's outputs can't be read"):
            logits: NDArray[np.float64] = outputs.to("cpu", torch.float64).numpy()  # type: ignore[attr-defined]  # checked above
    return logits


def _outputs_of(classifier: Classifier, batch: torch.Tensor, watch: Watch | None) -> object:
    if watch is None:
        return classifier.network.logits(batch)
    with watch.over(batch) as ends_in:
        outputs = classifier.network.logits(batch)
    ends_in(outputs)
    return outputs


@contextmanager
def in_float64(
    classifier: Classifier, device: torch.device
) -> Iterator[tuple[Classifier, torch.device]]:
    """The classifier with its network in float64, and the device on which that can run.

    Images are prepared as ever. Afterwards, the network is in float32 again, to the bit.
    """
    where = torch.device("cpu") if device.type == "mps" else device  # MPS knows no float64
    with classifier.network.in_float64(where) as network:
        yield replace(classifier, network=network), where


def _check_outputs(classifier: Classifier, outputs: object, *, n_images: int) -> None:
    n_classes = len(classifier.info.vocab)
    found = None
    if not isinstance(outputs, torch.Tensor):
        found = f"a {type(outputs).__name__}, not a tensor"
    elif not outputs.is_floating_point():
        found = f"{outputs.dtype}, not floating-point numbers".removeprefix("torch.")
    elif outputs.ndim != 2 or len(outputs) != n_images:  # noqa: PLR2004 - rows and columns
        shape = tuple(outputs.shape)
        found = f"an array of shape {shape} for {n_images} images, not one row for each"
    elif outputs.shape[1] != n_classes:
        found = f"{outputs.shape[1]} outputs for {n_classes} classes"
    if found is not None:
        advice = "export a classifier that gives one number for each class of its vocab"
        raise refused(classifier, f"The network gives {found}", advice)


def refused(classifier: Classifier, what: str, advice: str = HOW_TO_MEND) -> ModelRefusedError:
    """The error that refuses this model."""
    return ModelRefusedError(what=what, where=classifier.info.path, advice=advice)


@contextmanager
def blamed_on(classifier: Classifier, what: str) -> Iterator[None]:
    """Refuse the model for any error inside the block, except lack of memory."""
    try:
        yield
    except _FAULTS as error:
        if _is_out_of_memory(error):
            raise
        reason = quote(" ".join(str(error).split())[:N_REASON_CHARS])[1:-1]
        raise refused(classifier, f"{what} ({type(error).__name__}: {reason})") from error


@contextmanager
def memory_errors(classifier: Classifier, device: torch.device) -> Iterator[None]:
    """Raise the error of a device with too little memory for this model."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        elsewhere = "" if device.type == "cpu" else " or --device cpu"
        raise MachineError(
            what=f"The device {device} ran out of memory",
            where=classifier.info.path,
            advice=f"use a smaller --batch-size{elsewhere}, or a machine with more memory",
        ) from error


def _is_out_of_memory(error: BaseException) -> bool:
    """On a CPU torch raises a plain RuntimeError, which only its text identifies."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(words in str(error).lower() for words in _OUT_OF_MEMORY)
