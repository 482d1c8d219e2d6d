"""What fastai 1 does to one picture, as the torch calls that it makes."""

import torch
from torch.nn import functional

from grader.loading.grid_steps import sampled
from grader.results.preprocessing import PadMode, ResizeTensor, SampleGrid, Size

_TORCH_MODES: dict[PadMode, str] = {
    "reflection": "reflect",
    "zeros": "constant",
    "border": "replicate",
}


def resized_tensor(picture: torch.Tensor, step: ResizeTensor) -> torch.Tensor:
    """A picture at the size of a step.

    Args:
        picture: Of shape (1, channels, height, width).
        step: What to do.

    Raises:
        RuntimeError: If it would be padded by more than it has, as fastai raises.
    """
    size = _size_to_sample(picture, step)
    if size != tuple(picture.shape[-2:]):
        grid = SampleGrid(size=size, mode=step.mode, pad_mode=step.pad_mode, align_corners=True)
        picture = sampled(picture, _even_grid(size), grid)
    return picture if step.method == "squish" else _cropped_or_padded(picture, step)


def _size_to_sample(picture: torch.Tensor, step: ResizeTensor) -> Size:
    """Height and width that keep the proportions; one of them is that of the step."""
    if step.method == "squish":
        return step.size
    height, width = picture.shape[-2:]
    ratios = (height / step.size[0], width / step.size[1])
    ratio = min(ratios) if step.method == "crop" else max(ratios)
    return round(height / ratio), round(width / ratio)


def _even_grid(size: Size) -> torch.Tensor:
    rows, columns = (
        torch.linspace(-1, 1, side) if side > 1 else torch.tensor([-1.0]) for side in size
    )
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack((x, y), dim=-1)[None]


def _cropped_or_padded(picture: torch.Tensor, step: ResizeTensor) -> torch.Tensor:
    rows, columns = step.size
    height, width = picture.shape[-2:]
    if height < rows or width < columns:
        down, across = max((rows - height + 1) // 2, 0), max((columns - width + 1) // 2, 0)
        margins = (across, across, down, down)
        picture = functional.pad(picture, margins, mode=_TORCH_MODES[step.pad_mode])
    height, width = picture.shape[-2:]
    top, left = int((height - rows + 1) * 0.5), int((width - columns + 1) * 0.5)
    return picture[..., top : top + rows, left : left + columns].contiguous()
