"""Which of two networks a second stage ends with: the fine-tuned one, or the one before it.

They are compared on val as they would be handed in, after the temperature. The fine-tuned network
is taken only if its loss is lower and its accuracy not lower; one sentence says what was chosen.
"""

from collections.abc import Mapping
from typing import Any

import torch

from hidden_test_spec.sidecar import Measured
from pipeline.progress import Report
from pipeline.training.features.temperature import fold_temperature
from pipeline.training.measuring import measure

# With fewer images of val, one image is worth more than two points of accuracy.
_FEWEST_TO_CHOOSE_BY = 50


def choose_network(
    learner: Any, *, before: str, folds: bool, chooses: bool, report: Report
) -> None:
    """Leave the learner with the better of its network and the saved one of the stage before.

    Args:
        learner: With the weights that fine-tuning found best.
        before: What the weights of the stage before were saved as.
        folds: Whether outputs are divided by the temperature that suits val.
        chooses: Whether the stage before may win; if not, a worse network is only warned of.
        report: Hears what was chosen, and why.
    """
    if folds:
        report(f"Temperature {fold_temperature(learner):.3f}, folded into the last layer")
    tuned, weights = measure(learner), _copied(learner.model.state_dict())
    learner.load(before, with_opt=False)
    first = measure(learner)
    is_better = tuned.loss < first.loss and tuned.accuracy >= first.accuracy
    if is_better or not chooses:
        learner.model.load_state_dict(weights)
    elif folds:
        _fold_if_better(learner, before, first)
    report(_sentence(first, tuned, is_better=is_better, chooses=chooses))
    if tuned.n_images < _FEWEST_TO_CHOOSE_BY:
        report(_warning(tuned.n_images))


def _fold_if_better(learner: Any, before: str, first: Measured) -> None:
    """Divide the outputs of the stage before by a temperature, if val's loss is lower with it."""
    fold_temperature(learner)
    if measure(learner).loss >= first.loss:
        learner.load(before, with_opt=False)


def _sentence(first: Measured, tuned: Measured, *, is_better: bool, chooses: bool) -> str:
    numbers = (
        f"loss {tuned.loss:.4f} after {first.loss:.4f}, "
        f"accuracy {tuned.accuracy:.4f} after {first.accuracy:.4f}"
    )
    if is_better:
        return f"The second model is the fine-tuned network, since val is better with it: {numbers}"
    if chooses:
        return (
            "The second model is the network of the first stage, since fine-tuning made val no "
            f"better: {numbers}"
        )
    return (
        f"Warning: the second model is no better than the first on val: {numbers}. This recipe "
        "keeps it all the same; --recipe best keeps the better one"
    )


def _warning(n_images: int) -> str:
    images = "1 image" if n_images == 1 else f"{n_images} images"
    return (
        f"Warning: val has only {images}, so one image is {1 / n_images:.1%} of accuracy, and "
        "which network is better is mostly chance; with more photos in val you would know"
    )


def _copied(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in state.items()}
