"""From the outputs of a model to probabilities of classes."""

import numpy as np
from numpy.typing import NDArray

from grader.results import Predictions


def class_predictions(
    logits: NDArray[np.float64], *, output_labels: tuple[str, ...], labels: tuple[str, ...]
) -> Predictions:
    """Softmax over the outputs, then the sum of what belongs to one class.

    Sums are taken of exponents in log space, so that small probabilities keep their digits.

    Args:
        logits: Shape (n_scored, n_outputs), finite.
        output_labels: The class of each output; a class may have several outputs.
        labels: The classes in the order of the result's columns.

    Returns:
        The predictions; a class without an output has probability 0.
    """
    normalised = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    columns = np.full((len(logits), len(labels)), -np.inf)
    for column, label in enumerate(labels):
        mine = [one == label for one in output_labels]
        if any(mine):
            columns[:, column] = np.logaddexp.reduce(normalised[:, mine], axis=1)
    return Predictions(
        labels=labels,
        vocab_labels=tuple(dict.fromkeys(output_labels)),
        log_probabilities=columns,
    )
