"""Heat maps of some images of a test set, as many as there is time for."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import torch

from grader.engine.answers import Run, prepare
from grader.engine.network import network_input
from grader.errors import LIBRARY_ERRORS
from grader.images.decoding import decode_image
from grader.probing.heat_maps import HeatMaker, heat_maker
from grader.probing.regions import region_of
from grader.results.answers import TestImage
from grader.results.explanations import ExplainedAnswer, Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much may be explained.

    Attributes:
        n_images: The most images.
        most_s: When to stop: no further image is begun after so many seconds; None never stops.
    """

    n_images: int
    most_s: float | None = None


def explain(
    runs: Sequence[Run],
    images: Sequence[TestImage],
    *,
    effort: Effort,
    on_image: Callable[[], None] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Explanation, ...]:
    """Where each model looked for its own answer, image by image, the most important first.

    A network on which it fails has no heat maps: nothing depends on them, so that is no error. One
    image is in memory at a time.

    Args:
        runs: The candidate, then the baseline if there is one.
        images: Readable ones in the order of their importance.
        effort: How much may be explained.
        on_image: Called after each image.
        clock: Seconds that only grow.
    """
    start = clock()
    found = []
    with ExitStack() as stack:
        for run in runs:
            stack.enter_context(run.classifier.network.on(run.device))
        looking = [_Looking(run) for run in runs]
        for image in images[: effort.n_images]:
            if effort.most_s is not None and clock() - start >= effort.most_s:
                break
            found.append(_explanation(image, [one.at(image) for one in looking]))
            on_image()
    return tuple(one for one in found if one.candidate is not None or one.baseline is not None)


def _explanation(image: TestImage, answers: Sequence[ExplainedAnswer | None]) -> Explanation:
    candidate, baseline = (*answers, None)[:2]
    return Explanation(image=image.name, candidate=candidate, baseline=baseline)


class _Looking:
    """One model's heat maps. What suits its network is found with the first image."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._maker: HeatMaker | None = None

    def at(self, image: TestImage) -> ExplainedAnswer | None:
        """Where it looked; None where no map can be made."""
        try:
            return self._explained(image)
        except LIBRARY_ERRORS:
            return None

    def _explained(self, image: TestImage) -> ExplainedAnswer | None:
        classifier, pictures = self._run.classifier, self._run.pictures
        tensor = prepare(classifier, image, pictures)
        batch = network_input(classifier, [tensor], self._run.device)
        network = classifier.network
        self._maker = self._maker or heat_maker(network, batch)
        with torch.inference_mode():
            answer = int(torch.as_tensor(network.logits(batch)).argmax())
        heat_map = self._maker(batch, answer=answer)
        if heat_map is None:
            return None
        steps = classifier.preprocessing
        decoded = decode_image(pictures.content(image), steps, path=image.path)
        return ExplainedAnswer(region=region_of(decoded.size, steps), heat_map=heat_map)
