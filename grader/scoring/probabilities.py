"""From the outputs of a model to probabilities of classes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import Predictions
from grader.scoring.ties import most_probable


def class_predictions(
    logits: NDArray[np.float64],
    *,
    output_labels: tuple[str, ...],
    labels: tuple[str, ...],
    image_sha256: Callable[[int], str],
) -> Predictions:
    """Softmax over the outputs, then the sum of what belongs to one class.

    Sums are taken of exponents in log space, so that small probabilities keep their digits.

    Args:
        logits: Shape (n_scored, n_outputs), finite.
        output_labels: The class of each output; a class may have several outputs.
        labels: The classes in the order of the result's columns.
        image_sha256: Hash of the image of a row, which draws the prediction where classes tie.

    Returns:
        The predictions; a class without an output has probability 0. Outputs in another order, with
        their labels, give the same to the bit.
    """
    normalised = log_softmax(logits)
    columns = np.full((len(logits), len(labels)), -np.inf)
    for column, label in enumerate(labels):
        mine = [one == label for one in output_labels]
        if any(mine):
            columns[:, column] = _log_sum(normalised[:, mine])[:, 0]
    return Predictions(
        labels=labels,
        vocab_labels=tuple(dict.fromkeys(output_labels)),
        log_probabilities=columns,
        predictions=most_probable(columns, labels, image_sha256=image_sha256),
    )


def log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log probabilities of finite outputs; both of shape (n_images, n_outputs)."""
    return logits - _log_sum(logits)


def _log_sum(exponents: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of each row's sum of exponentials, shape (n_rows, 1).

    The terms are added in ascending order, since a sum of floats depends on their order.
    """
    ascending = np.sort(exponents, axis=1)
    total: NDArray[np.float64] = np.logaddexp.reduce(ascending, axis=1, keepdims=True)
    return total
