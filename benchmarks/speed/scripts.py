"""What people write themselves to see how good an export is, each as a program of its own.

`python -m benchmarks.speed.scripts KIND EXPORT PHOTOS ANSWERS`. It writes its answers as .npz: the
names of the photos, their probabilities, and when the first of them were there.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

_BATCH = 64
_CORES = 2


def _photos(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.jpg"))


def get_preds(export: Path, folder: Path, *, n_workers: int = 0) -> tuple[list[Path], Any, Any]:
    """One pass of fastai over the photos; returns the learner's loader too."""
    from fastai.learner import load_learner
    from fastai.vision.all import get_image_files  # noqa: F401 - as notebooks import it

    learner = load_learner(export)
    paths = _photos(folder)
    loader = learner.dls.test_dl(paths, with_labels=True, bs=_BATCH, num_workers=n_workers)
    with learner.no_bar(), learner.no_logging():
        probabilities, _ = learner.get_preds(dl=loader)
    return paths, probabilities.numpy(), (learner, loader)


def full_script(export: Path, folder: Path) -> tuple[list[Path], Any, Any]:
    """The usual cells of a notebook: predictions, loss and accuracy, the matrix as a plot."""
    import matplotlib as mpl
    from fastai.interpret import ClassificationInterpretation
    from matplotlib import pyplot as plt

    mpl.use("agg")
    paths, probabilities, (learner, loader) = get_preds(export, folder)
    with learner.no_bar(), learner.no_logging():
        learner.validate(dl=loader)
        interpretation = ClassificationInterpretation.from_learner(learner, dl=loader)
        interpretation.plot_confusion_matrix()
        interpretation.most_confused()
    plt.savefig(folder.parent / "matrix.png")
    return paths, probabilities, None


def torchvision_loop(export: Path, folder: Path) -> tuple[list[Path], Any, Any]:
    """Transforms of torchvision and ImageFolder around the export's own network."""
    import torch
    from fastai.learner import load_learner
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import v2

    steps = [
        v2.Resize(224),
        v2.CenterCrop(224),
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ]
    data = ImageFolder(str(folder), v2.Compose(steps))
    return _plain_loop(load_learner(export).model, data)


def timm_loop(export: Path, folder: Path) -> tuple[list[Path], Any, Any]:
    """Transforms of timm around the export's own network."""
    from fastai.learner import load_learner
    from timm.data.transforms_factory import create_transform
    from torchvision.datasets import ImageFolder

    data = ImageFolder(str(folder), create_transform(224))
    return _plain_loop(load_learner(export).model, data)


def _plain_loop(model: Any, data: Any) -> tuple[list[Path], Any, Any]:
    import torch

    model.eval()
    loader = torch.utils.data.DataLoader(data, batch_size=_BATCH, num_workers=_CORES)
    with torch.inference_mode():
        rows = [model(batch).softmax(1) for batch, _ in loader]
    return [Path(path) for path, _ in data.samples], torch.cat(rows).numpy(), None


KINDS: MappingProxyType[str, Callable[[Path, Path], tuple[list[Path], Any, Any]]] = (
    MappingProxyType(
        {
            "get_preds": get_preds,
            "get_preds_2": lambda export, folder: get_preds(export, folder, n_workers=_CORES),
            "full_script": full_script,
            "timm": timm_loop,
            "torchvision": torchvision_loop,
        }
    )
)


def main(kind: str, export: Path, folder: Path, answers: Path) -> None:
    """Run one of them."""
    start = time.perf_counter()
    paths, probabilities, _ = KINDS[kind](export, folder)
    np.savez(
        answers,
        names=[f"{path.parent.name}/{path.name}" for path in paths],
        probabilities=probabilities,
        wall_s=time.perf_counter() - start,
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
