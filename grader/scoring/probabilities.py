"""From a model's outputs to probabilities of classes, and to the predicted class."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import Predictions
from hidden_test_spec.labels import label_key


def class_predictions(
    logits: NDArray[np.float64],
    *,
    output_labels: tuple[str, ...],
    labels: tuple[str, ...],
    image_sha256: Callable[[int], str],
) -> Predictions:
    """Softmax over the outputs, then the sum over the outputs of each class.

    Sums are taken of exponents in log space, so that small probabilities keep their digits.

    Args:
        logits: Shape (n_scored, n_outputs), finite.
        output_labels: The class of each output; a class may have several outputs.
        labels: The classes in the order of the result's columns.
        image_sha256: Hash of a row's image, which decides between classes that tie.

    Returns:
        The predictions; a class without an output has probability 0. Outputs in another order, with
        their labels, give bit-identical results.
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
    """Log probabilities of finite outputs; both of shape (n_images, n_outputs).

    Example:
        >>> np.exp(log_softmax(np.array([[0.0, 0.0]]))).tolist()
        [[0.5, 0.5]]
    """
    return logits - _log_sum(logits)


def _log_sum(exponents: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of each row's sum of exponentials, shape (n_rows, 1).

    The terms are added in ascending order, since a sum of floats depends on their order.
    """
    ascending = np.sort(exponents, axis=1)
    total: NDArray[np.float64] = np.logaddexp.reduce(ascending, axis=1, keepdims=True)
    return total


def most_probable(
    log_probabilities: NDArray[np.float64],
    labels: Sequence[str],
    *,
    image_sha256: Callable[[int], str],
) -> NDArray[np.intp]:
    """Index of the most probable class of each image, shape (n_scored,); ties favour no class.

    Otherwise the first of equal classes would always win, and a model that gives every class the
    same probability would get every image of that class right. The order is drawn from the image
    and the label, so it is the same for every model, every order of the vocab and every run.

    Args:
        log_probabilities: Shape (n_scored, n_classes).
        labels: The classes, in the order of the columns.
        image_sha256: Hash of a row's image; called only where classes tie exactly.
    """
    predictions: NDArray[np.intp] = log_probabilities.argmax(axis=1)
    shares_top = log_probabilities == log_probabilities.max(axis=1, keepdims=True)
    for row in np.flatnonzero(shares_top.sum(axis=1) > 1).tolist():
        tied = np.flatnonzero(shares_top[row]).tolist()
        sha256 = image_sha256(row)
        predictions[row] = min(tied, key=lambda column: _draw(sha256, labels[column]))
    return predictions


def _draw(image_sha256: str, label: str) -> str:
    """A number drawn for a class on an image, as hexadecimal digits; the lowest wins."""
    drawn_from = f"{image_sha256} {label_key(label)}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(drawn_from).hexdigest()
