"""Classifiers around networks of our own, made without an export; several of them cheat."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from grader.engine.classifier import Classifier
from grader.engine.torch_network import TorchNetwork
from grader.images.sharing import Pictures
from grader.results.answers import ListedImage, TestImage
from grader.results.preprocessing import Preprocessing, ToFloat
from tests.factories import make_model

COLOUR_VOCAB = ("blue", "green", "red")


PIXELS = Preprocessing(
    mode="RGB",
    image_steps=(),
    tensor_steps=(ToFloat(divisor=255.0),),
    batch_steps=(),
    left_out=(),
)


def classifier_of(
    network: torch.nn.Module, *, vocab: tuple[str, ...] = COLOUR_VOCAB, name: str = "model.pkl"
) -> Classifier:
    """A classifier that hands this network its images' pixels, in [0, 1]."""
    return Classifier(
        info=make_model(name, vocab=vocab), preprocessing=PIXELS, network=TorchNetwork(network)
    )


def images_of(folder: Path) -> tuple[TestImage, ...]:
    """All files of a test folder."""
    return read_images(*sorted(folder.glob("*/*")))


def read_images(*paths: Path) -> tuple[TestImage, ...]:
    """These files as images of the classes that their folders are named after."""
    return Pictures().read(
        ListedImage(path=path, name=path.name, label=path.parent.name) for path in paths
    )


def copies_of(image: TestImage, n_images: int) -> tuple[TestImage, ...]:
    """One image under many names."""
    return tuple(replace(image, name=f"{number}.png") for number in range(n_images))


class Constant(torch.nn.Module):
    """Answers every image with the same outputs."""

    def __init__(self, outputs: Sequence[float]) -> None:
        """Keep the outputs, and count the images seen."""
        super().__init__()
        self.outputs = outputs
        self.n_seen = 0

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        self.n_seen += len(batch)
        return torch.tensor([list(self.outputs)] * len(batch))


class Colours(torch.nn.Module):
    """Answers honestly: ten times the mean of blue, green and red."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        return 10 * batch.flip(1).mean(dim=(2, 3))


class LessTheMean(Colours):
    """Subtracts the batch's mean from every row, like a network that looks at its batch-mates."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        rows = super().forward(batch)
        return rows - rows.mean(0)


class SortedRows(Colours):
    """Answers each image with the row of another."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Rows in the order of their first output."""
        rows = super().forward(batch)
        return rows[rows[:, 0].argsort()]


class FirstIsRed(Colours):
    """Answers red for the first image in a batch of two or more."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        rows = super().forward(batch)
        if len(rows) > 1:
            rows[0, 2] += 20
        return rows


class BetterTogether(Colours):
    """Answers each image by itself, but names its colour only in a batch of one colour."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Ten times each row, where all rows have the same class at the top."""
        rows = super().forward(batch)
        agree = len(rows) > 1 and len(set(rows.argmax(dim=1).tolist())) == 1
        return rows * 10 if agree else rows


class Fickle(Colours):
    """Drops outputs by chance, also at validation."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        return torch.nn.functional.dropout(super().forward(batch), p=0.5, training=True)


class Rounding(Colours):
    """Answers with an error in the last digits that depends on the batch size."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        rows = super().forward(batch)
        error = 10_000 * torch.finfo(rows.dtype).eps * len(rows)
        return rows * (1 + error)


class NotANumberAlone(Colours):
    """Fails on one image, and not on several."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        rows = super().forward(batch)
        return rows * float("nan") if len(rows) == 1 else rows


class Hungry(torch.nn.Module):
    """Allocates more memory than any machine has."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Never returns."""
        return torch.empty(2**50, dtype=torch.uint8) + batch


class NeverLeavesTraining(torch.nn.Sequential):
    """Ignores every request to leave training mode, for itself and its children."""

    def train(self, mode: bool = True) -> "NeverLeavesTraining":  # noqa: FBT001, FBT002, ARG002 - as torch declares it
        """Do nothing."""
        return self

    def eval(self) -> "NeverLeavesTraining":
        """Do nothing."""
        return self

    def modules(self) -> "NeverLeavesTraining":  # type: ignore[override]  # hides what is below it
        """Lie."""
        raise AssertionError("modules() was called")
