"""Which classes a classifier guesses for photos that it has not learned from.

The classifier is scikit-learn's logistic regression on the features of a pretrained network. Each
photo is guessed by a classifier that has seen neither it nor a copy of it.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipeline.cleaning.audit.findings import Guess
from pipeline.cleaning.audit.photos import Photo
from pipeline.copies import group_copies
from pipeline.libraries import one_thread

_MOST_FOLDS = 5
_FEWEST_FOLDS = 2
# Of 0.001, 0.01 and 0.1, the strength that gave the best out-of-fold loss on 732 photos of birds.
_REGULARISATION = 0.1


def guess_out_of_fold(
    photos: Sequence[Photo], features: NDArray[np.float32], *, seed: int
) -> NDArray[np.float64] | None:
    """The probability of each class for each photo, by a classifier that has not seen it.

    Args:
        photos: The photos.
        features: Shape (n_photos, n_features), one row per photo in their order.
        seed: Fixes the folds.

    Returns:
        Shape (n_photos, n_classes), in [0, 1], rows in the photos' order, class folders sorted by
        name. A row sums to 1. None if there are fewer than two classes, or a class has only
        one photo and its copies.
    """
    labels = np.array([photo.label for photo in photos])
    groups = _groups(photos)
    n_folds = min(_MOST_FOLDS, *(len(set(groups[labels == label])) for label in set(labels)))
    if len(set(labels)) == 1 or n_folds < _FEWEST_FOLDS:
        return None
    classifier = make_pipeline(
        StandardScaler(), LogisticRegression(C=_REGULARISATION, max_iter=1000)
    )
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    with one_thread(), warnings.catch_warnings(action="ignore"):
        # A fold may lack a class whose few photos have copies in others: it is guessed with 0.
        probabilities: NDArray[np.float64] = cross_val_predict(
            classifier, features, labels, groups=groups, cv=folds, method="predict_proba"
        )
    return probabilities


def guesses(photos: Sequence[Photo], probabilities: NDArray[np.float64]) -> tuple[Guess, ...]:
    """The likeliest class of each photo, with its probability and that of the photo's own class.

    Args:
        photos: The photos.
        probabilities: What `guess_out_of_fold` returns for these photos.
    """
    labels = sorted({photo.label for photo in photos})
    return tuple(
        Guess(
            label=labels[int(row.argmax())],
            probability=float(row.max()),
            probability_of_own=float(row[labels.index(photo.label)]),
        )
        for photo, row in zip(photos, probabilities, strict=True)
    )


def _groups(photos: Sequence[Photo]) -> NDArray[np.intp]:
    """The number of the photo that each image shows."""
    paths = [photo.path for photo in photos]
    number_of = {path: number for number, path in enumerate(paths)}
    for group in group_copies(paths, [photo.fingerprint for photo in photos]):
        number_of |= dict.fromkeys(group.images, number_of[group.images[0]])
    return np.array([number_of[path] for path in paths], dtype=np.intp)
