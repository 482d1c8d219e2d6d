"""Which images a page shows, and in which order their photos are worth showing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import Predictions
from grader.results.report import Evidence, GradeReport
from grader.scoring.per_class import image_losses

GalleryKind: TypeAlias = Literal["regressions", "improvements", "worst_losses", "confident"]

MAX_FLIPS = 60
MAX_OTHERS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One model's answer for one image.

    Attributes:
        prediction: Index of the class.
        probability: The probability it gave that class.
        true_probability: The probability it gave the image's own class.
    """

    prediction: int
    probability: float
    true_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One scored image with the answers of both models; `target` is the index of its class."""

    name: str
    target: int
    candidate: Answer
    baseline: Answer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """Images of one kind: positions among the cards of those shown, and how many there are."""

    kind: GalleryKind
    positions: tuple[int, ...]
    n_images: int


def cards(evidence: Evidence) -> tuple[Card, ...]:
    """One for each scored image, in order."""
    targets = _targets(evidence)
    candidate = _answers(evidence.predictions, targets)
    baseline: Sequence[Answer | None] = [None] * len(candidate)
    if evidence.baseline_predictions is not None:
        baseline = _answers(evidence.baseline_predictions, targets)
    rows = zip(evidence.scored, targets.tolist(), candidate, baseline, strict=True)
    return tuple(
        Card(name=image.name, target=target, candidate=now, baseline=before)
        for image, target, now, before in rows
    )


def galleries(report: GradeReport, evidence: Evidence) -> tuple[Gallery, ...]:
    """Every kind that applies, in the page's order; flips only if there is a baseline."""
    shown = []
    changes = None if report.comparison is None else report.comparison.changes
    if changes is not None:
        positions = {image.name: position for position, image in enumerate(evidence.scored)}
        regressions = [positions[flip.image] for flip in changes.regressions]
        improvements = [positions[flip.image] for flip in changes.improvements]
        shown += [
            _gallery("regressions", regressions, MAX_FLIPS),
            _gallery("improvements", improvements, MAX_FLIPS),
        ]
    mistakes = _confident_mistakes(evidence)
    return (
        *shown,
        _gallery("worst_losses", _by_loss(evidence), MAX_OTHERS),
        _gallery("confident", mistakes, MAX_OTHERS),
    )


def photo_order(all_cards: Sequence[Card], shown: Sequence[Gallery]) -> Iterator[int]:
    """Every position once: those of galleries, then the mistakes, then the rest.

    Mistakes and the rest are taken from the cells of the confusion matrix in turn, so that each
    cell has some photos even if not all fit.
    """
    first = list(dict.fromkeys(chain.from_iterable(gallery.positions for gallery in shown)))
    taken = set(first)
    mistakes: dict[tuple[int, int], list[int]] = {}
    right: dict[tuple[int, int], list[int]] = {}
    for position, card in enumerate(all_cards):
        if position not in taken:
            cells = right if card.candidate.prediction == card.target else mistakes
            cells.setdefault((card.target, card.candidate.prediction), []).append(position)
    yield from first
    for cells in (mistakes, right):
        for one_of_each in zip_longest(*cells.values()):
            yield from (position for position in one_of_each if position is not None)


def _gallery(kind: GalleryKind, positions: Sequence[int], n_most: int) -> Gallery:
    return Gallery(kind=kind, positions=tuple(islice(positions, n_most)), n_images=len(positions))


def _targets(evidence: Evidence) -> NDArray[np.intp]:
    index = {label: number for number, label in enumerate(evidence.predictions.labels)}
    return np.array([index[image.label] for image in evidence.scored], dtype=np.intp)


def _answers(predictions: Predictions, targets: NDArray[np.intp]) -> list[Answer]:
    rows, probabilities = np.arange(len(targets)), predictions.probabilities
    chosen = predictions.predictions
    columns = (chosen, probabilities[rows, chosen], probabilities[rows, targets])
    return [
        Answer(prediction=prediction, probability=probability, true_probability=true_probability)
        for prediction, probability, true_probability in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _by_loss(evidence: Evidence) -> list[int]:
    """Positions by the candidate's loss, the largest first."""
    losses = image_losses(evidence.predictions, _targets(evidence))
    return [int(position) for position in np.argsort(-losses, kind="stable")]


def _confident_mistakes(evidence: Evidence) -> list[int]:
    """Positions of the candidate's mistakes, the surest first."""
    predictions, targets = evidence.predictions, _targets(evidence)
    sureness = predictions.log_probabilities.max(axis=1)
    order = np.argsort(-sureness, kind="stable")
    is_wrong = predictions.predictions != targets
    return [int(position) for position in order if is_wrong[position]]
