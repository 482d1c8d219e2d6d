"""Numbers in words, with their positions on an axis."""

from dataclasses import replace

import pytest

from grader.reports.html.estimates import estimate_rows, share_estimate
from grader.results.report import ImageRecord
from grader.results.scores import Interval
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report

TORN = ImageRecord(name="a/torn.png", label="a", sha256="0" * 64, unreadable="it is cut short")


def test_a_share_lies_on_an_axis_from_nothing_to_all() -> None:
    """Its position is its value."""
    estimate = share_estimate(0.75, Interval(0.5, 0.9), ENGLISH)
    assert (estimate.text, estimate.interval_text) == ("75.0 %", "50.0 to 90.0 %")
    assert (estimate.place, estimate.low, estimate.high) == (0.75, 0.5, 0.9)


def test_both_models_share_an_axis() -> None:
    """The loss of the worse one decides where it ends."""
    report = make_report(targets=(0, 0, 1, 1), candidate=(0, 0, 1, 1), baseline=(1, 1, 0, 0))
    rows = {row.name: row.estimates for row in estimate_rows(report, ENGLISH)}
    candidate, baseline = rows["loss (nats)"]
    assert baseline.high == 1
    assert candidate.place / baseline.place == pytest.approx(0.28768207 / 1.38629436)


def test_every_number_with_an_interval_has_a_row() -> None:
    """In the order of the page; one column without a baseline."""
    report = make_report(labels=tuple("abcdef"), unreadable=(TORN,))
    counted = replace(report.test_set, n_counted=report.test_set.n_images)
    rows = list(estimate_rows(replace(report, test_set=counted), language_of("es")))
    assert [row.name for row in rows] == [
        "exactitud",
        "exactitud en imágenes legibles",
        "exactitud equilibrada",
        "F1 macro",
        "exactitud top-2",
        "error de calibración (ECE)",
        "pérdida (nats)",
        "puntuación de Brier",
    ]
    assert {len(row.estimates) for row in rows} == {1}


def test_a_number_that_says_nothing_new_has_no_row() -> None:
    """The accuracy isn't there twice, and top-2 of three classes is left out."""
    names = [row.name for row in estimate_rows(make_report(labels=("a", "b", "c")), ENGLISH)]
    assert "accuracy" in names
    assert not {"accuracy on readable images", "top-2 accuracy"} & set(names)


def test_a_tooltip_has_more_digits() -> None:
    """Two thirds, to six places."""
    assert share_estimate(2 / 3, Interval(0.5, 0.9), ENGLISH).exact == "0.666667"
