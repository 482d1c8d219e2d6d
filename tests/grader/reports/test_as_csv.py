"""Every image's answer as CSV, which reads back as it was."""

import csv
import io
from dataclasses import replace

from grader.reports.as_csv import predictions_csv
from grader.results import GradeReport, UnreadableImage
from tests.factories import make_predictions, make_report

TORN = (UnreadableImage(image="robin/torn.png", reason="cut short"),)


def rows_of(report: GradeReport) -> list[list[str]]:
    """Header and rows, as Python's reader sees them."""
    return list(csv.reader(io.StringIO(predictions_csv(report), newline="")))


def test_there_is_a_row_for_each_image_in_the_test_sets_order() -> None:
    """Name, label and prediction."""
    _, *rows = rows_of(make_report(targets=(0, 1), candidate=(0, 0)))
    assert [row[:3] for row in rows] == [
        ["robin/0.png", "robin", "robin"],
        ["wren/1.png", "wren", "robin"],
    ]


def test_probabilities_stand_in_the_order_of_the_vocab() -> None:
    """Which may differ from the classes' order; a class that the model lacks has no column."""
    labels = ("owl", "robin", "wren")
    report = make_report(labels=labels, targets=(1,), candidate=(1,))
    predictions = make_predictions((1,), labels=labels, vocab_labels=("wren", "robin"))
    header, row = rows_of(replace(report, predictions=predictions))
    assert header == ["image", "label", "prediction", "probability[wren]", "probability[robin]"]
    assert [float(cell) for cell in row[3:]] == predictions.probabilities[0, [2, 1]].tolist()


def test_probabilities_keep_every_digit() -> None:
    """Text and back is the same float."""
    labels = ("a", "b", "c", "d")
    report = make_report(labels=labels, targets=(0, 3), candidate=(2, 3))
    _, *rows = rows_of(report)
    found = [[float(cell) for cell in row[3:]] for row in rows]
    assert found == report.predictions.probabilities.tolist()


def test_an_unreadable_image_has_only_its_name_and_label() -> None:
    """Its other cells are blank, so that every row has the header's length."""
    header, torn, _ = rows_of(make_report(targets=(0,), candidate=(0,), unreadable=TORN))
    assert torn == ["robin/torn.png", "robin", "", "", ""]
    assert len(header) == len(torn)


def test_a_baseline_has_columns_of_its_own() -> None:
    """After the candidate's, under its own names."""
    header, row = rows_of(make_report(targets=(0,), candidate=(0,), baseline=(1,)))
    assert header[5:] == [
        "baseline_prediction",
        "baseline_probability[robin]",
        "baseline_probability[wren]",
    ]
    assert row[5:] == ["wren", "0.25", "0.75"]


def test_names_with_commas_quotes_and_newlines_survive() -> None:
    """In the header as well as in the rows."""
    labels = ('a,"b"', "two\nlines", "carriage\rreturn")
    header, *rows = rows_of(make_report(labels=labels, targets=(0, 1, 2), candidate=(0, 1, 2)))
    assert header[3:] == [f"probability[{label}]" for label in labels]
    assert [row[:3] for row in rows] == [
        [f"{label}/{number}.png", label, label] for number, label in enumerate(labels)
    ]
