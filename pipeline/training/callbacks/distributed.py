"""Training shared out among processes that Accelerate started, on one machine or several.

Each process trains on its share of every epoch's images, and gradients are averaged before each
step. Each validates on all of val, so that no image is counted twice and all choose the same
weights. Only the main process writes files; the others read them from the same folder.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from fastai.callback.core import Callback

from pipeline.training.processes import n_processes

# The processes average the scaled gradients, so that all skip a step together, or none does.
_BEFORE_MIXED_PRECISION = 9


def wait_for_all(device: torch.device) -> None:
    """Wait until all processes of the run have reached this point."""
    if n_processes() > 1:
        Accelerator(cpu=device.type == "cpu").wait_for_everyone()


@contextmanager
def by_oneself() -> Iterator[None]:
    """While open, fastai gathers nothing from other processes, which may be elsewhere."""
    together = os.environ.get("WORLD_SIZE")
    os.environ["WORLD_SIZE"] = "1"
    try:
        yield
    finally:
        del os.environ["WORLD_SIZE"]
        if together is not None:
            os.environ["WORLD_SIZE"] = together


class SharedOut(Callback):  # type: ignore[misc] # fastai has no types
    """Lets the processes of a run train one model together, for the time of one fit."""

    order = _BEFORE_MIXED_PRECISION

    def before_fit(self) -> None:
        """Join the processes, and take this one's share of train."""
        self._accelerator = Accelerator(cpu=self.dls.device.type == "cpu")
        self._loader = self.dls.loaders[0]
        (seed,) = broadcast_object_list([self._loader.rng.randint(0, 2**32 - 1)])
        self.dls.loaders[0] = _share_of(
            self._loader,
            rank=self._accelerator.process_index,
            n_shares=self._accelerator.num_processes,
            seed=seed,
        )

    def before_step(self) -> None:
        """Average the gradients."""
        for parameter in self.learn.model.parameters():
            if parameter.grad is not None:
                parameter.grad = self._accelerator.reduce(parameter.grad, "mean")

    def before_validate(self) -> None:
        """Average the statistics of batch normalisation."""
        for buffer in self.learn.model.buffers():
            if buffer.is_floating_point():
                buffer.copy_(self._accelerator.reduce(buffer, "mean"))

    def after_fit(self) -> None:
        """Restore the loader of all of train."""
        self.dls.loaders[0] = self._loader


def _share_of(loader: Any, *, rank: int, n_shares: int, seed: int) -> Any:
    """A loader of every nth image, from the same order of images in all processes.

    Images left over when dividing are left out of an epoch, as a last batch that is too small is.
    """
    n = len(loader.dataset) // n_shares
    share = loader.new(n=n, bs=max(2, min(n, loader.bs // n_shares)))
    share.rng = random.Random(seed)  # noqa: S311 - the order of images is no secret
    share.get_idxs = _every_nth(share, rank=rank, n_shares=n_shares)
    return share


def _every_nth(loader: Any, *, rank: int, n_shares: int) -> Callable[[], list[int]]:
    def indices() -> list[int]:
        everything = list(range(len(loader.dataset)))
        shuffled: list[int] = loader.rng.sample(everything, len(everything))
        return shuffled[rank : loader.n * n_shares : n_shares]

    return indices
