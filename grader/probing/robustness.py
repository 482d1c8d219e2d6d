"""A model's answers on the photos of a test set after each has been made a little worse."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.engine.answers import Run
from grader.engine.network import blamed_on, logits_of, memory_errors
from grader.images.decoding import decode_image
from grader.images.tensor_steps import prepare_image
from grader.probing.corruptions import corrupted
from grader.results.answers import TestImage
from hidden_test_spec.rules import Corruption


def answers_on_worse_photos(
    run: Run,
    images: Sequence[TestImage],
    corruptions: Sequence[Corruption],
    *,
    on_images: Callable[[int], None] = lambda _n_images: None,
) -> Mapping[Corruption, NDArray[np.float64]]:
    """Logits of shape (n_images, n_outputs) for each corruption; they may be NaN or infinite.

    A photo is decoded once and is in memory only with its batch.

    Args:
        run: The model, where it runs and how many images it gets at a time.
        images: Images that can be read.
        corruptions: What to do to them.
        on_images: Called after each batch with the number of images in it.

    Raises:
        ModelRefusedError: If the network fails, as on images of a size that it never saw.
        MachineError: If the device runs out of memory.
    """
    rows: dict[Corruption, list[NDArray[np.float64]]] = {one: [] for one in corruptions}
    classifier = run.classifier
    with memory_errors(classifier, run.device), classifier.network.on(run.device):
        for batch in _batches(images, run.batch_size):
            steps = classifier.preprocessing
            decoded = [
                decode_image(run.pictures.content(one), steps, path=one.path) for one in batch
            ]
            for corruption in corruptions:
                with blamed_on(classifier, f"Its transforms fail on photos after {corruption}"):
                    tensors = [
                        prepare_image(corrupted(photo, corruption, sha256=image.sha256), steps)
                        for photo, image in zip(decoded, batch, strict=True)
                    ]
                rows[corruption].append(logits_of(classifier, tensors, run.device))
                on_images(len(batch))
    return {corruption: np.concatenate(found) for corruption, found in rows.items()}


def _batches(images: Sequence[TestImage], size: int) -> Iterator[Sequence[TestImage]]:
    for start in range(0, len(images), size):
        yield images[start : start + size]
