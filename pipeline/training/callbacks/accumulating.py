"""Steps that several batches share, where memory holds no larger batch."""

from typing import Any

from fastai.callback.core import Callback, CancelBatchException

# Before the processes of a run average their gradients: they do so once a step.
_BEFORE_SHARED_OUT = 6


class SharedSteps(Callback):  # type: ignore[misc] # fastai has no types
    """Makes one step of the gradients of several batches, and the last one as an epoch ends.

    fastai's own counts images up to a number, whatever epoch they are of: a number that an epoch
    doesn't reach, or batches smaller than planned, would leave steps out.
    """

    order, run_valid = _BEFORE_SHARED_OUT, False

    def __init__(self, n_batches: int) -> None:
        self._n_batches = n_batches

    def after_loss(self) -> None:
        """Let the gradients of a step's batches sum up to their mean."""
        self.learn.loss_grad /= _n_sharing(self.learn, self._n_batches)

    def before_step(self) -> None:
        """Go on to the next batch, but for the last one of a step."""
        n_seen = self.learn.iter + 1
        if n_seen % self._n_batches and n_seen < self.learn.n_iter:
            raise CancelBatchException


def _n_sharing(learner: Any, n_batches: int) -> int:
    """How many batches share the step of the present one: fewer as an epoch ends."""
    first = learner.iter - learner.iter % n_batches
    return int(min(n_batches, learner.n_iter - first))
