"""From pictures to the network's input: the torch calls that fastai makes on the validation side.

No step looks at more than one picture at a time, so no picture depends on its batch-mates.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from grader.images.picture_steps import resize_image
from grader.results.preprocessing import (
    CropAndSample,
    CropTensor,
    PadMode,
    Preprocessing,
    ResizeMethod,
    ResizeTensor,
    SampleGrid,
    Size,
    Standardize,
    TensorStep,
    ToFloat,
    Zoom,
)

_TORCH_MODES: dict[PadMode, str] = {
    "reflection": "reflect",
    "zeros": "constant",
    "border": "replicate",
}
# fastai 1 takes an end of 1 for a little less, so that the last position is the last one inside.
_BEFORE_END = 1 - 1e-7


def prepare_image(image: Image.Image, preprocessing: Preprocessing) -> torch.Tensor:
    """One picture as a tensor.

    Args:
        image: As `read_image` returns it.
        preprocessing: The export's.

    Returns:
        Numbers of shape (channels, height, width).

    Raises:
        ModelRefusedError: If padding would make it larger than any picture.
    """
    return prepare_pixels(np.array(resize_image(image, preprocessing)), preprocessing)


def prepare_pixels(pixels: NDArray[np.uint8], preprocessing: Preprocessing) -> torch.Tensor:
    """The pixels of a picture as a tensor.

    Args:
        pixels: After the steps on the picture, shape (height, width) or (height, width, channels).
            The tensor may share their memory.
        preprocessing: The export's, whose steps on the picture were taken.

    Returns:
        Numbers of shape (channels, height, width).
    """
    flat = torch.from_numpy(pixels)
    tensor = flat[..., None] if flat.ndim == len(("height", "width")) else flat
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
        tensors: Pictures of one shape, as `prepare_image` returns them.
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
        case CropTensor(size=size, row=row, column=column):
            return _cut(batch, size, row=row, column=column)


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
    if step.size is None:
        return inside
    grid = SampleGrid(size=step.size, mode=step.mode, pad_mode="reflection", align_corners=True)
    return _sampled(inside, grid)


def sampled(batch: torch.Tensor, grid: torch.Tensor, step: SampleGrid) -> torch.Tensor:
    """Pictures at the points of a grid.

    Args:
        batch: Of shape (n_images, channels, height, width).
        grid: Of shape (n_images, rows, columns, 2), the same for every picture: x and y from -1
            to 1, edge to edge.
        step: How to find values between pixels and beyond the edge.

    Returns:
        Of shape (n_images, channels, rows, columns).
    """
    if step.mode == "bilinear":
        batch = _shrunk(batch, grid)
    return functional.grid_sample(
        batch,
        grid,
        mode=step.mode,
        padding_mode=step.pad_mode,
        align_corners=step.align_corners,
    )


def _shrunk(batch: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """Averages first if more than two pixels would lie between two points.

    The rule is fastai's. What it takes from the grid is the same for every picture.
    """
    span = (grid[0].max() - grid[0].min()).item()
    reach = 1 / span * 2 if span else float("inf")
    factor = min(batch.shape[-2] / grid.shape[1], batch.shape[-1] / grid.shape[2]) / 2
    if factor <= 1 or factor <= reach:
        return batch
    return functional.interpolate(
        batch, scale_factor=1 / factor, mode="area", recompute_scale_factor=True
    )


def resized_tensor(picture: torch.Tensor, step: ResizeTensor) -> torch.Tensor:
    """A picture at the size of a step.

    Args:
        picture: Of shape (1, channels, height, width).
        step: What to do.

    Raises:
        RuntimeError: If it would be padded by more than its own size, as in fastai.
    """
    own = (picture.shape[-2], picture.shape[-1])
    size = own if step.size is None else _size_to_sample(own, step.size, step.method)
    if size != own or step.zoom is not None:
        grid = SampleGrid(
            size=size, mode=step.mode, pad_mode=step.pad_mode, align_corners=step.align_corners
        )
        points = _even_grid(size, is_stepwise=step.is_stepwise)
        picture = sampled(picture, _zoomed(points, step.zoom), grid)
    if step.size is None or step.method == "squish":
        return picture
    return _cropped_or_padded(picture, step.size, step.pad_mode)


def _size_to_sample(own: Size, size: Size, method: ResizeMethod) -> Size:
    """Height and width that keep the proportions; one of them is the step's."""
    if method == "squish":
        return size
    height, width = own
    ratios = (height / size[0], width / size[1])
    ratio = min(ratios) if method == "crop" else max(ratios)
    return round(height / ratio), round(width / ratio)


def _even_grid(size: Size, *, is_stepwise: bool) -> torch.Tensor:
    """Points from corner to corner; they stay the same where corners aren't aligned."""
    rows, columns = (points_between_corners(side, is_stepwise=is_stepwise) for side in size)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack((x, y), dim=-1)[None]


def points_between_corners(n_points: int, *, is_stepwise: bool) -> torch.Tensor:
    """Points at equal distances from -1 to 1; a single one is at -1.

    Args:
        n_points: How many.
        is_stepwise: Whether they are rounded as up to torch 1.4.
    """
    if n_points == 1:
        return torch.tensor([-1.0])
    if is_stepwise:
        step = torch.tensor(2.0) / (n_points - 1)
        return step * torch.arange(n_points) - 1
    return torch.linspace(-1, 1, n_points)


def _zoomed(grid: torch.Tensor, zoom: Zoom | None) -> torch.Tensor:
    if zoom is None:
        return grid
    beyond = 1 - 1 / zoom.scale
    focus = torch.tensor([beyond * (2 * zoom.column - 1), beyond * (2 * zoom.row - 1)])
    scaling = torch.eye(2) * torch.tensor(1 / zoom.scale)
    return torch.addmm(focus, grid.view(-1, 2), scaling).view(grid.shape)


def _cropped_or_padded(picture: torch.Tensor, size: Size, pad_mode: PadMode) -> torch.Tensor:
    rows, columns = size
    height, width = picture.shape[-2:]
    if height < rows or width < columns:
        down, across = max((rows - height + 1) // 2, 0), max((columns - width + 1) // 2, 0)
        margins = (across, across, down, down)
        picture = functional.pad(picture, margins, mode=_TORCH_MODES[pad_mode])
    return _cut(picture, size, row=0.5, column=0.5)


def _cut(picture: torch.Tensor, size: Size, *, row: float, column: float) -> torch.Tensor:
    """A part of a picture; it is smaller than asked for where the picture is."""
    rows, columns = size
    height, width = picture.shape[-2:]
    top = int((height - rows + 1) * min(row, _BEFORE_END))
    left = int((width - columns + 1) * min(column, _BEFORE_END))
    return picture[..., top : top + rows, left : left + columns].contiguous()
