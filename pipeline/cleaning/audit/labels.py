"""Findings about labels and outliers, by cleanlab, and about what looks drawn or cut out."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hidden_test_spec.pictures import open_picture
from pipeline.cleaning.audit.findings import Finding, Guess, Kind
from pipeline.cleaning.audit.memory import Memory
from pipeline.cleaning.audit.photos import Photo
from pipeline.libraries import load_library, one_thread

# cleanlab's score is 0 for a photo infinitely far from its neighbours, and about 0.37 for a typical
# one; below this share of the median a photo is an outlier.
_FAR = 0.6
_N_NEIGHBOURS = 10
# How plain (of 1) and how bright (of 255) the edge of a picture on paper is.
_PLAIN_SHARE = 0.75
_PAPER_LEVEL = 230
_SIDE_PX, _EDGE_PX, _SAME_LEVELS = 64, 4, 16


def label_findings(
    photos: Sequence[Photo], probabilities: NDArray[np.float64], guessed: Sequence[Guess]
) -> Iterator[Finding]:
    """The photos whose label cleanlab doubts; the score is the probability of the guess.

    Args:
        photos: The photos.
        probabilities: Out of fold, shape (n_photos, n_classes), in [0, 1], classes sorted.
        guessed: The guess for each photo, in their order.

    Raises:
        MissingLibraryError: If cleanlab isn't installed.
    """
    find_label_issues = load_library("cleanlab.filter").find_label_issues
    labels = sorted({photo.label for photo in photos})
    targets = np.array([labels.index(photo.label) for photo in photos])
    doubted = find_label_issues(targets, probabilities, n_jobs=1)
    for photo, guess, is_doubted in zip(photos, guessed, doubted, strict=True):
        if is_doubted and guess.label != photo.label:
            reason = (
                f"it looks more like {guess.label} ({guess.probability:.2f}) than like "
                f"{photo.label} ({guess.probability_of_own:.2f})"
            )
            yield _finding(photo, "label", guess.probability, reason)


def outlier_findings(
    photos: Sequence[Photo], features: NDArray[np.float32], memory: Memory
) -> Iterator[Finding]:
    """Photos on a background like paper, mostly drawings, and photos that are unlike all others.

    The score of the former is the share of the edge that is plain. The score of the latter, always
    lower, says how much farther than usual the nearest photos are.

    Args:
        photos: The photos; fewer than eleven have no outliers.
        features: Shape (n_photos, n_features), one row per photo in their order.
        memory: Whose edges are known already.

    Raises:
        MissingLibraryError: If cleanlab isn't installed.
    """
    outlier = load_library("cleanlab.outlier")
    if len(photos) <= _N_NEIGHBOURS:
        return
    detector = outlier.OutOfDistribution({"k": _N_NEIGHBOURS})
    with one_thread():
        closeness: NDArray[np.float64] = detector.fit_score(features=features, verbose=False)
    nearness = closeness / np.median(closeness)
    shares = memory.each(
        [photo.fingerprint.sha256 for photo in photos],
        "paper 1",
        lambda missing: (repr(_paper_share(photos[at])).encode() for at in missing),
    )
    for photo, near, plain in zip(photos, nearness, map(float, shares), strict=True):
        if plain >= _PLAIN_SHARE:
            reason = f"it may be drawn or cut out: {plain:.0%} of its edge is as plain as paper"
            yield _finding(photo, "outlier", plain, reason)
        elif near < _FAR:
            reason = "no other photos are much like it"
            yield _finding(photo, "outlier", _PLAIN_SHARE * float(1 - near), reason)


def _paper_share(photo: Photo) -> float:
    """The share of a picture's edge that has one bright colour; 0 if the colour isn't bright."""
    with open_picture(photo.path) as image:
        small = image.convert("RGB").resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
    pixels = np.asarray(small).astype(int)
    is_edge = np.ones((_SIDE_PX, _SIDE_PX), dtype=bool)
    is_edge[_EDGE_PX:-_EDGE_PX, _EDGE_PX:-_EDGE_PX] = False
    edge = pixels[is_edge]
    colour = np.median(edge, axis=0)
    if colour.mean() < _PAPER_LEVEL:
        return 0.0
    return float((np.abs(edge - colour).max(axis=1) <= _SAME_LEVELS).mean())


def _finding(photo: Photo, kind: Kind, score: float, reason: str) -> Finding:
    return Finding(
        kind=kind, images=(photo.image,), labels=(photo.label,), score=score, reason=reason
    )
