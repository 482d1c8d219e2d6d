"""One prediction for each image, also where classes share the top: no class is favoured.

The first of equal classes would always win otherwise, and a model that answers nothing at all would
score every image of that class. The order is drawn from the image and the label, so it is the same
for every model, every order of the vocab and every run.
"""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hidden_test_spec.labels import label_key


def most_probable(
    log_probabilities: NDArray[np.float64],
    labels: Sequence[str],
    *,
    image_sha256: Callable[[int], str],
) -> NDArray[np.intp]:
    """Index of the most probable class of each image, shape (n_scored,).

    Args:
        log_probabilities: Shape (n_scored, n_classes).
        labels: The classes, in the order of the columns.
        image_sha256: Hash of the image of a row; asked for only where classes tie exactly.
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
