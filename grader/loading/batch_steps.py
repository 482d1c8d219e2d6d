"""Pictures to the network's input: the torch calls that fastai makes on the validation side.

No step looks at more than one picture at a time, so none can depend on its batch-mates.
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from grader.loading.fastai1_steps import resized_tensor
from grader.loading.grid_steps import sampled
from grader.loading.image_steps import resize_image
from grader.results.preprocessing import (
    CropAndSample,
    Preprocessing,
    ResizeTensor,
    SampleGrid,
    Standardize,
    TensorStep,
    ToFloat,
)


def prepare_image(image: Image.Image, preprocessing: Preprocessing) -> torch.Tensor:
    """One picture as a tensor.

    Args:
        image: As `read_image` gives it.
        preprocessing: The export's.

    Returns:
        Numbers of shape (channels, height, width).

    Raises:
        ModelRefusedError: If padding would make it larger than any picture.
    """
    pixels = torch.from_numpy(np.array(resize_image(image, preprocessing)))
    tensor = pixels[..., None] if pixels.ndim == len(("height", "width")) else pixels
    tensor = tensor.permute(2, 0, 1)
    if not preprocessing.tensor_steps:
        return tensor
    batch = tensor[None]
    for step in preprocessing.tensor_steps:
        batch = _taken(batch, step)
    return batch[0]


def prepare_batch(
    tensors: Sequence[torch.Tensor], device: torch.device, preprocessing: Preprocessing
) -> torch.Tensor:
    """The network's input.

    Args:
        tensors: Pictures of one shape, as `prepare_image` gives them.
        device: Where the network is.
        preprocessing: The export's.

    Returns:
        Single precision, of shape (n_images, channels, height, width).

    Raises:
        RuntimeError: If the shapes differ, or don't fit the steps.
    """
    batch = torch.stack(tuple(tensors)).to(device)
    for step in preprocessing.batch_steps:
        batch = _taken(batch, step)
    return batch


def _taken(batch: torch.Tensor, step: TensorStep) -> torch.Tensor:
    match step:
        case ToFloat(divisor=divisor):
            return batch.float().div_(divisor)
        case SampleGrid():
            return _sampled(batch, step)
        case CropAndSample():
            return _cropped(batch, step)
        case Standardize(mean=mean, std=std):
            return (batch - _along_channels(mean, batch)) / _along_channels(std, batch)
        case ResizeTensor():
            return resized_tensor(batch, step)


def _along_channels(values: tuple[float, ...], batch: torch.Tensor) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=batch.device).view(1, -1, 1, 1)


def _sampled(batch: torch.Tensor, step: SampleGrid) -> torch.Tensor:
    size = batch.shape[-2:] if step.size is None else step.size
    identity = torch.eye(3, device=batch.device)[:2].expand(len(batch), 2, 3)
    shape = [*batch.shape[:2], *size]
    grid = functional.affine_grid(identity, shape, align_corners=step.align_corners)
    return sampled(batch, grid, step)


def _cropped(batch: torch.Tensor, step: CropAndSample) -> torch.Tensor:
    height, width = batch.shape[-2:]
    least, largest = step.ratios
    cut = (height, width)
    if width / height < least:
        cut = (int(width / least), width)
    elif width / height > largest:
        cut = (height, int(height * largest))
    cut = (int(cut[0] * step.scale), int(cut[1] * step.scale))
    top, left = (height - cut[0]) // 2, (width - cut[1]) // 2
    inside = batch[..., top : top + cut[0], left : left + cut[1]]
    grid = SampleGrid(size=step.size, mode=step.mode, pad_mode="reflection", align_corners=True)
    return _sampled(inside, grid)
