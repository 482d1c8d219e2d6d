"""Steps that several batches share, for when a larger batch doesn't fit into memory."""

from typing import Any

from fastai.callback.core import Callback, CancelBatchException

# Before the processes of a run average their gradients, which they do once per step.
_BEFORE_SHARED_OUT = 6


class SharedSteps(Callback):  # type: ignore[misc] # fastai has no types
    """Makes one step from the gradients of several batches; the last step comes as an epoch ends.

    fastai's own callback counts images up to a number, across epochs: steps would be left out if an
    epoch doesn't reach that number, or if batches are smaller than planned.
    """

    order, run_valid = _BEFORE_SHARED_OUT, False

    def __init__(self, n_batches: int) -> None:
        self._n_batches = n_batches

    def after_loss(self) -> None:
        """Let the gradients of a step's batches sum up to their mean."""
        self.learn.loss_grad /= _n_sharing(self.learn, self._n_batches)

    def before_step(self) -> None:
        """Skip to the next batch, except at the last one of a step."""
        n_seen = self.learn.iter + 1
        if n_seen % self._n_batches and n_seen < self.learn.n_iter:
            raise CancelBatchException


def _n_sharing(learner: Any, n_batches: int) -> int:
    """How many batches share the current step: fewer at the end of an epoch."""
    first = learner.iter - learner.iter % n_batches
    return int(min(n_batches, learner.n_iter - first))
