"""Which images are shown, in which order, and whose photos come first."""

import numpy as np
import pytest

from grader.reports.html.galleries import (
    MAX_FLIPS,
    MAX_OTHERS,
    Answer,
    Gallery,
    GalleryKind,
    cards,
    galleries,
    photo_order,
)
from grader.results.report import Evidence, GradeReport
from tests.factories import make_report


def evidence_of(report: GradeReport) -> Evidence:
    """What an instructor's report knows of single images."""
    assert report.evidence is not None
    return report.evidence


def shown(report: GradeReport) -> dict[GalleryKind, Gallery]:
    """Its galleries by kind."""
    return {gallery.kind: gallery for gallery in galleries(report, evidence_of(report))}


def numbers_of(answer: Answer | None) -> list[float]:
    """The class, its probability, and the true class's."""
    assert answer is not None
    return [answer.prediction, answer.probability, answer.true_probability]


def test_a_card_holds_what_both_models_said() -> None:
    """The class, its probability, and the true class's."""
    report = make_report(targets=(0, 1), candidate=(0, 0), baseline=(1, 1))
    second = cards(evidence_of(report))[1]
    assert (second.name, second.target) == ("wren/1.png", 1)
    assert numbers_of(second.candidate) == pytest.approx([0, 0.75, 0.25])
    assert numbers_of(second.baseline) == pytest.approx([1, 0.75, 0.75])


def test_without_a_baseline_there_is_nothing_of_it() -> None:
    """Neither on cards nor as galleries of changes."""
    report = make_report()
    assert {card.baseline for card in cards(evidence_of(report))} == {None}
    assert list(shown(report)) == ["confident", "worst_losses"]


def test_changes_are_those_of_the_comparison() -> None:
    """By position among the scored images."""
    report = make_report(targets=(0, 0, 1, 1), candidate=(0, 1, 1, 1), baseline=(0, 0, 0, 1))
    assert shown(report)["regressions"].positions == (1,)
    assert shown(report)["improvements"].positions == (2,)


def test_losses_and_mistakes_begin_with_the_worst() -> None:
    """The lowest probability of the true class; the highest of a wrong one."""
    report = make_report(targets=(0, 0, 1), candidate=(0, 1, 0))
    evidence = evidence_of(report)
    log_probabilities = np.log([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]])
    object.__setattr__(evidence.predictions, "log_probabilities", log_probabilities)
    assert shown(report)["worst_losses"].positions == (2, 1, 0)
    assert shown(report)["confident"].positions == (2, 1)


def test_a_long_gallery_is_cut_and_knows_its_length() -> None:
    """It shows sixty flips, or twenty-four images of another kind."""
    n_images = MAX_FLIPS + 3
    report = make_report(
        targets=(0,) * n_images, candidate=(1,) * n_images, baseline=(0,) * n_images
    )
    found = shown(report)
    assert len(found["regressions"].positions) == MAX_FLIPS
    assert found["regressions"].n_images == n_images
    assert len(found["confident"].positions) == MAX_OTHERS
    assert found["confident"].n_images == n_images
    assert found["improvements"] == Gallery(kind="improvements", positions=(), n_images=0)


def test_photos_of_galleries_come_before_mistakes_and_those_before_the_rest() -> None:
    """And the cells of the matrix take turns, so that each has some."""
    report = make_report(
        labels=("a", "b", "c"),
        targets=(0, 0, 0, 0, 1, 1, 2),
        candidate=(0, 1, 1, 2, 1, 1, 2),
    )
    gallery = Gallery(kind="confident", positions=(3,), n_images=1)
    order = list(photo_order(cards(evidence_of(report)), [gallery]))
    assert order == [3, 1, 2, 0, 4, 6, 5]


def test_no_photo_is_asked_for_twice() -> None:
    """However many galleries an image is in."""
    report = make_report(targets=(0, 0, 1, 1), candidate=(1, 0, 0, 1), baseline=(0, 1, 0, 1))
    evidence = evidence_of(report)
    order = list(photo_order(cards(evidence), galleries(report, evidence)))
    assert sorted(order) == [0, 1, 2, 3]
