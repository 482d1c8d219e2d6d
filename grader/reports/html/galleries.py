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

GalleryKind: TypeAlias = Literal["regressions", "improvements", "confident", "worst_losses"]

MAX_FLIPS = 60
MAX_OTHERS = 24
# Which classes of an answer are shown: the most probable, as far as they matter.
_N_LEADING = 4
_LEAST_SHARE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One model's answer for one image.

    Attributes:
        prediction: Index of the class.
        probability: The probability it gave that class.
        true_probability: The probability it gave the image's own class.
        shares: Classes with their probabilities: the predicted one, the most probable others, and
            the image's own.
    """

    prediction: int
    probability: float
    true_probability: float
    shares: tuple[tuple[int, float], ...]


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
        _gallery("confident", mistakes, MAX_OTHERS),
        _gallery("worst_losses", _by_loss(evidence), MAX_OTHERS),
    )


def photo_order(
    all_cards: Sequence[Card], shown: Sequence[Gallery], *, first: Sequence[int] = ()
) -> Iterator[int]:
    """Every position once: the first ones, those of galleries, then the mistakes, then the rest.

    Mistakes and the rest are taken from the cells of the confusion matrix in turn, so that each
    cell has some photos even if not all fit.
    """
    in_galleries = chain.from_iterable(gallery.positions for gallery in shown)
    before = list(dict.fromkeys((*first, *in_galleries)))
    taken = set(before)
    mistakes: dict[tuple[int, int], list[int]] = {}
    right: dict[tuple[int, int], list[int]] = {}
    for position, card in enumerate(all_cards):
        if position not in taken:
            cells = right if card.candidate.prediction == card.target else mistakes
            cells.setdefault((card.target, card.candidate.prediction), []).append(position)
    yield from before
    for cells in (mistakes, right):
        for one_of_each in zip_longest(*cells.values()):
            yield from (position for position in one_of_each if position is not None)


def _gallery(kind: GalleryKind, positions: Sequence[int], n_most: int) -> Gallery:
    return Gallery(kind=kind, positions=tuple(islice(positions, n_most)), n_images=len(positions))


def _targets(evidence: Evidence) -> NDArray[np.intp]:
    index = {label: number for number, label in enumerate(evidence.predictions.labels)}
    return np.array([index[image.label] for image in evidence.scored], dtype=np.intp)


def _answers(predictions: Predictions, targets: NDArray[np.intp]) -> list[Answer]:
    probabilities, chosen = predictions.probabilities, predictions.predictions.tolist()
    leading = np.argsort(-probabilities, axis=1, kind="stable")[:, :_N_LEADING].tolist()
    return [
        _answer_of(row, prediction, others, target)
        for row, prediction, others, target in zip(
            probabilities.tolist(), chosen, leading, targets.tolist(), strict=True
        )
    ]


def _answer_of(row: list[float], prediction: int, leading: list[int], target: int) -> Answer:
    shown = dict.fromkeys([prediction, *(one for one in leading if row[one] >= _LEAST_SHARE)])
    return Answer(
        prediction=prediction,
        probability=row[prediction],
        true_probability=row[target],
        shares=tuple((index, row[index]) for index in dict.fromkeys([*shown, target])),
    )


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
