"""Every image's answer as CSV, which reads back as it was."""

import csv
import io
from dataclasses import replace

import pytest

from grader.errors import BadInputError
from grader.reports.as_csv import predictions_csv
from grader.results.editions import edition
from grader.results.report import Evidence, GradeReport, ImageRecord
from tests.factories import make_predictions, make_report

TORN = ImageRecord(name="robin/torn.png", label="robin", sha256="f" * 64, unreadable="cut short")


def rows_of(report: GradeReport) -> list[list[str]]:
    """Header and rows, as Python's reader sees them."""
    return list(csv.reader(io.StringIO(predictions_csv(report), newline="")))


def evidence_of(report: GradeReport) -> Evidence:
    """What is known of single images."""
    assert report.evidence is not None
    return report.evidence


def test_there_is_a_row_for_each_image_in_the_test_sets_order() -> None:
    """Name, label, hash and prediction."""
    _, *rows = rows_of(make_report(targets=(0, 1), candidate=(0, 0)))
    assert [row[:4] for row in rows] == [
        ["robin/0.png", "robin", f"{0:064x}", "robin"],
        ["wren/1.png", "wren", f"{1:064x}", "robin"],
    ]


def test_probabilities_stand_in_the_order_of_the_vocab() -> None:
    """Which may differ from the classes' order; a class that the model lacks has no column."""
    labels = ("owl", "robin", "wren")
    report = make_report(labels=labels, targets=(1,), candidate=(1,))
    predictions = make_predictions((1,), labels=labels, vocab_labels=("wren", "robin"))
    evidence = replace(evidence_of(report), predictions=predictions)
    header, row = rows_of(replace(report, evidence=evidence))
    assert header[3:] == ["prediction", "probability[wren]", "probability[robin]"]
    assert [float(cell) for cell in row[4:]] == predictions.probabilities[0, [2, 1]].tolist()


def test_probabilities_keep_every_digit() -> None:
    """Text and back is the same float."""
    labels = ("a", "b", "c", "d")
    report = make_report(labels=labels, targets=(0, 3), candidate=(2, 3))
    _, *rows = rows_of(report)
    found = [[float(cell) for cell in row[4:]] for row in rows]
    assert found == evidence_of(report).predictions.probabilities.tolist()


def test_an_unreadable_image_has_only_its_name_label_and_hash() -> None:
    """Its other cells are blank, so that every row has the header's length."""
    header, torn, _ = rows_of(make_report(targets=(0,), candidate=(0,), unreadable=(TORN,)))
    assert torn == ["robin/torn.png", "robin", "f" * 64, "", "", ""]
    assert len(header) == len(torn)


def test_two_images_of_one_shown_name_keep_their_own_answers() -> None:
    """Bytes that are not UTF-8 can make two names the same text."""
    report = make_report(targets=(0, 1), candidate=(0, 1))
    images = tuple(replace(one, name="same.png") for one in evidence_of(report).images)
    report = replace(report, evidence=replace(evidence_of(report), images=images))
    assert [row[3] for row in rows_of(report)[1:]] == ["robin", "wren"]


def test_a_baseline_has_columns_of_its_own() -> None:
    """After the candidate's, under its own names."""
    header, row = rows_of(make_report(targets=(0,), candidate=(0,), baseline=(1,)))
    assert header[6:] == [
        "baseline_prediction",
        "baseline_probability[robin]",
        "baseline_probability[wren]",
    ]
    assert row[6:] == ["wren", "0.25", "0.75"]


def test_names_with_commas_quotes_and_newlines_survive() -> None:
    """In the header as well as in the rows."""
    labels = ('a,"b"', "two\nlines", "carriage\rreturn")
    header, *rows = rows_of(make_report(labels=labels, targets=(0, 1, 2), candidate=(0, 1, 2)))
    assert header[4:] == [f"probability[{label}]" for label in labels]
    assert [[row[0], row[1], row[3]] for row in rows] == [
        [f"{label}/{number}.png", label, label] for number, label in enumerate(labels)
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "'"])
def test_a_name_that_a_spreadsheet_would_run_begins_with_an_apostrophe(start: str) -> None:
    """Image, label and prediction; removing one apostrophe gives the name back."""
    name = f"{start}1+1"
    _, row = rows_of(make_report(labels=(name, "wren"), targets=(0,), candidate=(0,)))
    assert [row[0], row[1], row[3]] == [f"'{name}/0.png", f"'{name}", f"'{name}"]


def test_no_header_begins_as_a_formula_does() -> None:
    """A header has the class's name in brackets."""
    header = rows_of(make_report(labels=("=1+1", "@x"), baseline=(0, 0, 1, 1)))[0]
    assert {cell[0] for cell in header} == set("ilspb")


def test_a_students_edition_has_no_csv() -> None:
    """It is refused with what to do instead."""
    report = edition(make_report(targets=(0,) * 5, candidate=(0,) * 5), "student")
    with pytest.raises(BadInputError, match="no answers for individual images") as caught:
        predictions_csv(report)
    assert "--audience instructor" in caught.value.advice
