"""Resampling of pictures on a grid, as fastai does it on the validation side."""

import torch
from torch.nn import functional

from grader.results.preprocessing import SampleGrid


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
    """Averages first where more than two pixels would lie between two points.

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
