"""Answers on worse photos come image by image, whatever the batches are."""

from pathlib import Path

import numpy as np
import torch

from grader.engine.answers import Run
from grader.images.sharing import Pictures
from grader.probing.robustness import answers_on_worse_photos
from tests.grader.networks import Colours, classifier_of, images_of


def test_batches_change_no_answer_and_tell_how_far_they_are(colour_folder: Path) -> None:
    """Each corruption of each batch is a sign of life."""
    images = images_of(colour_folder)
    found, signs = [], []
    for size in (1, 4):
        run = Run(
            classifier=classifier_of(Colours()),
            pictures=Pictures(),
            device=torch.device("cpu"),
            batch_size=size,
        )
        steps: list[int] = []
        found.append(
            answers_on_worse_photos(run, images, ("mirror", "noise"), on_images=steps.append)
        )
        signs.append(steps)
    assert sum(signs[0]) == sum(signs[1]) == 2 * len(images)
    assert signs[1] == [4, 4, 4, 4, 1, 1]
    for corruption in ("mirror", "noise"):
        np.testing.assert_allclose(found[0][corruption], found[1][corruption], atol=1e-5)
        assert found[0][corruption].shape == (len(images), 3)
