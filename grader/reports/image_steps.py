"""What an export does to an image, in words for people and as values for JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from grader.loading.image_plan import (
    CropAndSample,
    CropOrPad,
    ImageStep,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
    ResizeTensor,
    SampleGrid,
    Size,
    Standardize,
    TensorStep,
    ToFloat,
)

_MODES = {"RGB": "read as colour", "L": "read as grey"}
_HOW = {"crop": "cut off what overhangs", "squish": "change its proportions"}
_PADDING = {"zeros": "black", "border": "its border", "reflection": "its reflection"}


def image_steps_text(preprocessing: Preprocessing) -> Iterator[str]:
    """One phrase for each thing that happens to an image, in order."""
    yield _MODES[preprocessing.mode]
    for image_step in preprocessing.image_steps:
        yield _picture_phrase(image_step)
    for tensor_step in (*preprocessing.tensor_steps, *preprocessing.batch_steps):
        yield _tensor_phrase(tensor_step)
    for name in preprocessing.left_out:
        yield f"left out: {name}"


def image_steps_object(preprocessing: Preprocessing) -> dict[str, Any]:
    """The steps as values that JSON knows; each says of which kind it is."""
    steps = (
        *preprocessing.image_steps,
        *preprocessing.tensor_steps,
        *preprocessing.batch_steps,
    )
    return {
        "mode": preprocessing.mode,
        "steps": [{"step": type(step).__name__, **asdict(step)} for step in steps],
        "left_out": list(preprocessing.left_out),
    }


def _picture_phrase(step: ImageStep) -> str:
    match step:
        case ResizeImage():
            how = _HOW.get(step.method) or f"pad with {_PADDING[step.pad_mode]}"
            return f"resize to {_wide(step.size)}, {how}"
        case CropOrPad():
            padding = _PADDING[step.pad_mode]
            return f"cut {_wide(step.size)} from its centre, or pad with {padding}"
        case ResizeAndCrop():
            return f"resize to {_wide(step.resized)}, cut {_wide(step.size)} from its centre"
        case ResizeLongest():
            return f"resize its longer side to {step.side_px}"


def _tensor_phrase(step: TensorStep) -> str:
    match step:
        case ToFloat():
            return f"divide by {step.divisor:g}"
        case SampleGrid():
            return f"resample to {_high(step.size)}" if step.size else "resample in place"
        case CropAndSample():
            return f"cut out its centre, resample to {_high(step.size)}"
        case Standardize():
            return f"subtract {_numbers(step.mean)} and divide by {_numbers(step.std)}"
        case ResizeTensor():
            how = _HOW.get(step.method) or f"pad with {_PADDING[step.pad_mode]}"
            return f"resample to {_high(step.size)}, {how}"


def _wide(size: Size) -> str:
    width, height = size
    return f"{width} x {height}"


def _high(size: Size) -> str:
    """A batch's size, height first, as people say it."""
    height, width = size
    return f"{width} x {height}"


def _numbers(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:.4g}" for number in numbers)
