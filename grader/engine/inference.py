"""From classifiers, a test set and a device to `ModelOutputs` that can be trusted.

Every image is read separately: one that can't be decoded is noted, and the run goes on.
"""

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version

import torch

from grader.engine.answers import Run, n_elements_of, run_all
from grader.engine.classifier import Classifier
from grader.engine.devices import default_batch_size, device_name
from grader.engine.lanes import n_lanes_for
from grader.engine.network import blamed_on, memory_errors
from grader.engine.order import draw_order
from grader.engine.regrading import run_again
from grader.images.sharing import Pictures
from grader.results.answers import Engine, ModelOutputs, TestImage

PACKAGES = ("torch", "torchvision", "timm", "pillow", "numpy")

Progress = Callable[[int, int], None]


def run_models(  # noqa: PLR0913 - models, images and machine, each by its name
    classifiers: Sequence[Classifier],
    images: Sequence[TestImage],
    *,
    pictures: Pictures,
    device: torch.device,
    batch_size: int | None = None,
    on_progress: Progress = lambda _done, _total: None,
) -> tuple[tuple[ModelOutputs, ...], Engine]:
    """What each classifier answers for each image, in float32 without TF32.

    Args:
        classifiers: The models, one after another.
        images: At least one image.
        pictures: What they were read by.
        device: Where the networks run.
        batch_size: Images at a time on a GPU, at least 1; None takes what suits the device and the
            images. On a CPU the default is always taken: kernels there round differently for other
            sizes, which moved a probability of an honest network by as much as 3e-4.
        on_progress: Called after each batch with images done and images in all, over all models.

    Returns:
        One `ModelOutputs` for each classifier, and how long each step took.

    Raises:
        ModelRefusedError: If a network fails, or gives outputs of a wrong width or that aren't
            finite, or images of unequal shapes, or answers that depend on the batch.
        BadInputError: If an image changes while it is graded.
        MachineError: If the device runs out of memory.
    """
    start = time.perf_counter()
    n_total = len(classifiers) * len(images)
    outputs, steadiness = [], []
    hashes = tuple(classifier.info.sha256 for classifier in classifiers)
    pictures.share(classifier.preprocessing for classifier in classifiers)
    for number, classifier in enumerate(classifiers):
        n_before = number * len(images)

        def on_image(n_done: int, n_before: int = n_before) -> None:
            on_progress(n_before + n_done, n_total)

        with memory_errors(classifier, device), _on(device, classifier):
            fitting = default_batch_size(
                device, n_elements=n_elements_of(classifier, images, pictures, device)
            )
            size = batch_size if batch_size is not None and device.type != "cpu" else fitting
            run = Run(
                classifier=classifier,
                pictures=pictures,
                device=device,
                batch_size=size,
                n_lanes=n_lanes_for(device),
            )
            order = draw_order(images, models_sha256=hashes, batch_size=size)
            arranged = order.arranged(images)
            found = run_all(run, arranged, on_image)
            steadiness.append(run_again(run, arranged, found))
            outputs.append(order.as_listed(found))
            on_image(len(images))
    wall_s = time.perf_counter() - start
    n_regraded = sum(one.n_regraded for one in steadiness)
    engine = Engine(
        device=device_name(device),
        precision="float32",
        backend="torch",
        wall_s=wall_s,
        images_per_s=(n_total + n_regraded) / wall_s,
        n_regraded=n_regraded,
        largest_change=max(one.largest_change for one in steadiness),
        versions=versions(),
    )
    return tuple(outputs), engine


@contextmanager
def _on(device: torch.device, classifier: Classifier) -> Iterator[None]:
    """Keep the network on the device and in eval mode."""
    with ExitStack() as stack:
        with blamed_on(classifier, f"The network can't be put on {device}"):
            stack.enter_context(classifier.network.on(device))
        yield


def versions() -> tuple[tuple[str, str], ...]:
    """Python's version and those of the packages that numbers depend on."""
    found = [("python", platform.python_version())]
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)
