"""Runs a network on images drawn here, so that its outputs are checked before any photo is read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from grader.checking.results import CheckItem
from grader.engine.classifier import Classifier
from grader.engine.devices import resolve_device
from grader.engine.inference import run_models
from grader.errors import ModelRefusedError
from grader.images.sharing import Pictures
from grader.results.answers import ListedImage
from hidden_test_spec.spec import Limits

OUTPUTS = "outputs"
PHOTO_PX = (320, 240)
SEED = 0
SOFTMAX_TOLERANCE = 1e-5

_KINDS = ("black", "white", "noise")

_Pixels = NDArray[np.uint8]


def check_outputs(classifier: Classifier, limits: Limits) -> tuple[CheckItem, ...]:
    """Whether the network answers: one finite number for each class, for every drawn image.

    Black, white and noise at a photo's size must work, or at the only size that the network takes.
    Photos of two shapes, and the smallest image that the spec allows, may be too much for a network
    whose test has none of them: these are warnings.

    Raises:
        MachineError: If this machine lacks the memory.
    """
    size_px = width, height = classifier.sole_size or PHOTO_PX
    smallest = limits.min_side_px
    with TemporaryDirectory() as folder:
        photos = _draw(Path(folder), {name: _pixels(name, size_px) for name in _KINDS})
        upright = _draw(Path(folder), {"upright": _pixels("noise", (height, width))})
        small = _draw(Path(folder), {"small": _pixels("noise", (smallest, smallest))})
        try:
            logits = _logits(classifier, photos)
        except ModelRefusedError as error:
            return (_refused(error, "fault"),)
        said = f"{logits.shape[1]} finite outputs for each of {len(photos)} drawn images"
        sizes = f" of {width} x {height} pixels"
        return (
            CheckItem(name=OUTPUTS, status="ok", said=said + sizes),
            *_odd_answers(logits),
            *_sole_size(classifier),
            *_tried(classifier, (*photos, *upright), "photos that differ in shape"),
            *_tried(classifier, small, f"an image of {smallest} x {smallest} pixels"),
        )


def _sole_size(classifier: Classifier) -> list[CheckItem]:
    """A warning if photos of one size only are taken, which those of the test may not have."""
    if classifier.sole_size is None:
        return []
    width, height = classifier.sole_size
    return [
        CheckItem(
            name=OUTPUTS,
            status="warning",
            said=f"it takes photos of {width} x {height} pixels only, as nothing resizes them",
            advice=f"if the test photos may be larger, add item_tfms=Resize(({height}, {width}))",
        )
    ]


def _pixels(kind: str, size_px: tuple[int, int]) -> _Pixels:
    """An image of shape (height, width, 3) for a size of (width, height)."""
    shape = (size_px[1], size_px[0], 3)
    if kind == "noise":
        return np.random.default_rng(SEED).integers(0, 256, shape, dtype=np.uint8)
    return np.full(shape, 255 if kind == "white" else 0, dtype=np.uint8)


def _draw(folder: Path, images: Mapping[str, _Pixels]) -> tuple[ListedImage, ...]:
    drawn = []
    for name, pixels in images.items():
        path = folder / f"{name}.png"
        Image.fromarray(pixels).save(path)
        drawn.append(ListedImage(path=path, name=path.name, label=""))
    return tuple(drawn)


def _logits(classifier: Classifier, images: Sequence[ListedImage]) -> NDArray[np.float64]:
    """On the CPU, all images in one batch: shape (n_images, n_classes)."""
    device = resolve_device("cpu")
    pictures = Pictures()
    (outputs,), _ = run_models(
        (classifier,),
        pictures.read(images),
        pictures=pictures,
        device=device,
        batch_size=len(images),
    )
    return outputs.logits


def _tried(classifier: Classifier, images: Sequence[ListedImage], what: str) -> list[CheckItem]:
    """A warning if the network fails; none where it is known to take photos of one size only."""
    if classifier.sole_size is not None:
        return []
    try:
        _logits(classifier, images)
    except ModelRefusedError as error:
        return [_refused(error, "warning", f"{what}: ")]
    return []


def _refused(
    error: ModelRefusedError, status: Literal["fault", "warning"], of: str = ""
) -> CheckItem:
    return CheckItem(name=OUTPUTS, status=status, said=f"{of}{error.what}", advice=error.advice)


def _odd_answers(logits: NDArray[np.float64]) -> list[CheckItem]:
    """Findings that may cost points but refuse nothing."""
    found = []
    if (logits == logits[0]).all():
        said = "it gives the same answer for black, white and noise images"
        found.append((said, "check its training: it may have learnt nothing, or lost its weights"))
    sums = logits.sum(axis=1)
    if (logits >= 0).all() and np.abs(sums - 1).max() < SOFTMAX_TOLERANCE:
        said = "its outputs are already probabilities, but the loss takes them for logits"
        found.append((said, "leave out the last softmax, as fastai's losses expect"))
    return [
        CheckItem(name=OUTPUTS, status="warning", said=said, advice=advice)
        for said, advice in found
    ]
