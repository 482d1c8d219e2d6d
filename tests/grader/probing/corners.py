"""Photos in which one corner tells the class, and a network that has learned to look there."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from grader.results.explanations import ExplainedAnswer

SIDE_PX = 32
CORNER_PX = 10
# Class by class: where the corner begins, and its colour.
CORNERS = ((0, 0), (0, SIDE_PX - CORNER_PX), (SIDE_PX - CORNER_PX, 0), (SIDE_PX - CORNER_PX,) * 2)
COLOURS = ((230, 30, 30), (30, 230, 30), (30, 30, 230), (230, 230, 30))
VOCAB = ("red", "green", "blue", "yellow")


def draw_corner(target: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Grey noise with the coloured corner of a class, shape (height, width, 3)."""
    grey = rng.integers(60, 190, (SIDE_PX, SIDE_PX, 1), dtype=np.uint8)
    pixels = np.repeat(grey, 3, axis=2)
    top, left = CORNERS[target]
    pixels[top : top + CORNER_PX, left : left + CORNER_PX] = COLOURS[target]
    return pixels


def write_corners(folder: Path, *, seed: int) -> Path:
    """A test folder with one photo of each class."""
    rng = np.random.default_rng(seed)
    for target, label in enumerate(VOCAB):
        (folder / label).mkdir(parents=True)
        Image.fromarray(draw_corner(target, rng)).save(folder / label / "0.png")
    return folder


class CornerNetwork(torch.nn.Module):
    """Two convolutions whose last map has 8 x 8 places, and a mean over them."""

    def __init__(self) -> None:
        """Make the layers, untrained."""
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Conv2d(3, 16, 3, stride=2, padding=1),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(16, 24, 3, stride=2, padding=1),
            torch.nn.ReLU(inplace=True),
        )
        self.head = torch.nn.Linear(24, len(VOCAB))

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Logits."""
        features: torch.Tensor = self.body(batch)
        logits: torch.Tensor = self.head(features.mean(dim=(2, 3)))
        return logits


def trained_network() -> CornerNetwork:
    """A network that names the corner of every photo of its training."""
    rng = np.random.default_rng(3)
    targets = np.tile(np.arange(len(VOCAB)), 16)
    pixels = np.stack([draw_corner(int(target), rng) for target in targets])
    batch = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    wanted = torch.from_numpy(targets)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = CornerNetwork()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(batch), wanted)
        torch.autograd.backward(loss)
        optimizer.step()
    assert bool((network(batch).argmax(dim=1) == wanted).all()), "it must have learned the corners"
    optimizer.zero_grad()
    return network.eval()


def share_inside(answer: ExplainedAnswer, target: int) -> float:
    """Share of an answer's heat in the quarter of the photo that holds the corner of a class."""
    heat = np.array(answer.heat_map.heat, dtype=float)
    rows, columns = heat.shape
    top, left = CORNERS[target]
    down = slice(0, -(-rows // 2)) if top == 0 else slice(rows // 2, rows)
    across = slice(0, -(-columns // 2)) if left == 0 else slice(columns // 2, columns)
    return float(heat[down, across].sum() / heat.sum())
