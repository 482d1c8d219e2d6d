"""Classifiers, a test set and a device to `ModelOutputs`. The only file that touches the GPU.

Every image is read alone: one that can't be decoded is noted, and the run goes on.
"""

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import torch
from numpy.typing import NDArray

from grader.errors import MachineError, ModelRefusedError, UnreadableImageError
from grader.loading.classifier import Classifier
from grader.results import Engine, ModelOutputs, TestImage

CPU_BATCH_SIZE = 8
GPU_BATCH_SIZE = 64
PACKAGES = ("torch", "torchvision", "fastai", "timm", "pillow", "numpy")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Prepared images and their positions in the test set."""

    positions: tuple[int, ...]
    tensors: tuple[torch.Tensor, ...]


def resolve_device(name: str) -> torch.device:
    """The device that a name means here.

    Args:
        name: "auto" (a GPU where there is one, else the CPU), "cpu", "cuda", "cuda:N" or "mps".

    Raises:
        MachineError: If this machine has no such device.
    """
    has_mps = torch.backends.mps.is_available()
    if name == "auto":
        fallback = "mps" if has_mps else "cpu"
        return torch.device("cuda:0" if torch.cuda.is_available() else fallback)
    kind, _, number = name.partition(":")
    n_cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind == "cuda" and int(number or 0) >= n_cards:  # torch.device wraps a large number
        found = f"it has {n_cards} CUDA devices" if n_cards else "torch sees no CUDA device"
        raise _no_device(name, found)
    if kind == "mps" and not has_mps:
        raise _no_device(name, "torch sees no MPS device")
    return torch.device("cuda:0" if name == "cuda" else name)


def _no_device(name: str, found: str) -> MachineError:
    return MachineError(
        what=f"This machine can't run on {name}: {found}",
        where=f"--device {name}",
        advice="use --device auto or --device cpu, or a machine with such a device",
    )


def default_batch_size(device: torch.device) -> int:
    """Images at a time: few on a CPU, where small batches are faster, more on a GPU."""
    return CPU_BATCH_SIZE if device.type == "cpu" else GPU_BATCH_SIZE


def run_models(
    classifiers: Sequence[Classifier],
    images: Sequence[TestImage],
    *,
    device: torch.device,
    batch_size: int,
    on_progress: Progress = lambda _done, _total: None,
) -> tuple[tuple[ModelOutputs, ...], Engine]:
    """What each classifier says of each image, in float32 without TF32.

    Args:
        classifiers: The models, one after another.
        images: At least one image.
        device: Where the networks run.
        batch_size: Images at a time, at least 1.
        on_progress: Called after each batch with images done and images in all, over all models.

    Returns:
        One `ModelOutputs` for each classifier, and how long it took on what.

    Raises:
        ModelRefusedError: If a network fails, or gives outputs of a wrong width or that aren't
            finite, or images of unequal shapes.
        MachineError: If the device runs out of memory.
    """
    start = time.perf_counter()
    n_total = len(classifiers) * len(images)
    outputs = []
    for number, classifier in enumerate(classifiers):
        n_before = number * len(images)

        def on_image(n_done: int, n_before: int = n_before) -> None:
            on_progress(n_before + n_done, n_total)

        outputs.append(_run_model(classifier, images, _Run(device, batch_size, on_image)))
    wall_s = time.perf_counter() - start
    engine = Engine(
        device=device_name(device),
        precision="float32",
        backend="torch",
        wall_s=wall_s,
        images_per_s=n_total / wall_s,
        versions=versions(),
    )
    return tuple(outputs), engine


@dataclass(frozen=True, slots=True)
class _Run:
    device: torch.device
    batch_size: int
    on_image: Callable[[int], None]


def _run_model(classifier: Classifier, images: Sequence[TestImage], run: _Run) -> ModelOutputs:
    unreadable: list[tuple[int, str]] = []
    rows: list[NDArray[np.float64]] = []
    positions: list[int] = []
    try:
        module = classifier.module.to(run.device).eval()
        for batch in _batches(classifier, images, batch_size=run.batch_size, unreadable=unreadable):
            rows.append(_logits(classifier, module, batch, run.device))
            positions.extend(batch.positions)
            run.on_image(batch.positions[-1] + 1)
    except torch.OutOfMemoryError as error:
        raise MachineError(
            what=f"The device {run.device} ran out of memory",
            where=classifier.info.path,
            advice=f"use a --batch-size below {run.batch_size}, or --device cpu",
        ) from error
    finally:
        classifier.module.to("cpu")
    run.on_image(len(images))
    n_outputs = len(classifier.info.vocab)
    logits = np.concatenate(rows) if rows else np.empty((0, n_outputs))
    _refuse_bad_logits(classifier, logits)
    return ModelOutputs(
        logits=logits,
        positions=np.array(positions, dtype=np.intp),
        unreadable=tuple(unreadable),
    )


def _batches(
    classifier: Classifier,
    images: Sequence[TestImage],
    *,
    batch_size: int,
    unreadable: list[tuple[int, str]],
) -> Iterator[_Batch]:
    """Prepared batches in order; what can't be read is appended to `unreadable`."""
    positions: list[int] = []
    tensors: list[torch.Tensor] = []
    for position, image in enumerate(images):
        try:
            decoded = classifier.read_image(image.path)
        except UnreadableImageError as error:
            unreadable.append((position, error.reason))
            continue
        positions.append(position)
        tensors.append(_prepared(classifier, decoded, image))
        if len(tensors) == batch_size:
            yield _Batch(positions=tuple(positions), tensors=tuple(tensors))
            positions, tensors = [], []
    if tensors:
        yield _Batch(positions=tuple(positions), tensors=tuple(tensors))


def _prepared(classifier: Classifier, decoded: object, image: TestImage) -> torch.Tensor:
    try:
        return classifier.prepare_image(decoded)
    except (ValueError, TypeError, RuntimeError, OSError) as error:
        raise _failed(classifier, f"Its transforms fail on {image.name} ({error})") from error


def _logits(
    classifier: Classifier, module: torch.nn.Module, batch: _Batch, device: torch.device
) -> NDArray[np.float64]:
    shapes = {tuple(tensor.shape) for tensor in batch.tensors}
    if len(shapes) > 1:
        raise _failed(classifier, "It leaves images at unequal sizes, so they make no batch")
    exact = torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )
    try:
        with torch.inference_mode(), exact:
            outputs = module(classifier.prepare_batch(batch.tensors, device))
    except torch.OutOfMemoryError:
        raise
    except (ValueError, TypeError, RuntimeError, AttributeError, IndexError) as error:
        raise _failed(classifier, f"The network fails on a batch of images ({error})") from error
    expected = (len(batch.tensors), len(classifier.info.vocab))
    if not isinstance(outputs, torch.Tensor) or tuple(outputs.shape) != expected:
        found = tuple(outputs.shape) if isinstance(outputs, torch.Tensor) else type(outputs)
        raise _failed(classifier, f"The network gives outputs {found}, expected {expected}")
    logits: NDArray[np.float64] = outputs.detach().to("cpu", torch.float64).numpy()
    return logits


def _refuse_bad_logits(classifier: Classifier, logits: NDArray[np.float64]) -> None:
    n_bad = int((~np.isfinite(logits)).any(axis=1).sum())
    if n_bad:
        raise _failed(classifier, f"The outputs are NaN or infinite for {n_bad} images")


def _failed(classifier: Classifier, what: str) -> ModelRefusedError:
    return ModelRefusedError(
        what=what,
        where=classifier.info.path,
        advice="export a model that predicts on photos of any size; try it with learn.predict()",
    )


def device_name(device: torch.device) -> str:
    """The device, with the card's name where it is a GPU."""
    if device.type != "cuda":
        return str(device)
    return f"{device} ({torch.cuda.get_device_name(device)})"


def versions() -> tuple[tuple[str, str], ...]:
    """Python's version and those of the packages that numbers depend on."""
    found = [("python", platform.python_version())]
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)
