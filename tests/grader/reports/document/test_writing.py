"""The report as JSON: every key of the contract, all digits, null for what is undefined."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import grader
from grader.reports.document.writing import report_json, report_object, report_schema
from grader.results.editions import edition
from grader.results.presentation import Audience
from grader.results.report import ImageRecord, Notice
from tests.factories import make_report, make_rubric

TORN = ImageRecord(name="robin/torn.png", label="robin", sha256="f" * 64, unreadable="cut short")
REPORT = make_report(
    targets=(0, 0, 0, 1, 1, 1),
    candidate=(0, 1, 0, 1, 0, 0),
    baseline=(0, 0, 0, 0, 1, 0),
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.1 in every class"),
    unreadable=(TORN,),
    other_files=("notes.txt",),
    notices=(Notice(code="other_files", n=1, images=("notes.txt",)),),
)
BARE = make_report(targets=(0, 0), candidate=(0, 0))
SCHEMA = Path(grader.__file__).parent / "reports" / "document" / "schema.json"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The full report, as a program reads it."""
    document: dict[str, Any] = json.loads(report_json(REPORT))
    return document


def test_the_document_has_the_parts_of_the_contract(found: dict[str, Any]) -> None:
    """No more and no fewer."""
    parts = {"schema_version", "audience", "model", "spec", "statistics", "test_set", "metrics"}
    parts |= {"per_class", "confusion_matrix", "most_confused", "reliability", "undefined"}
    parts |= {"comparison", "verdicts", "grade", "engine", "notices", "warnings", "predictions"}
    parts |= {"explanations", "robustness"}
    assert found.keys() == parts
    assert (found["schema_version"], found["audience"]) == (3, "instructor")


def test_the_model_is_told(found: dict[str, Any]) -> None:
    """Path, hash, architecture, vocab and where it comes from."""
    model = found["model"]
    assert (model["path"], model["sha256"]) == ("models/candidate.pkl", "ab" * 32)
    assert (model["architecture"], model["vocab"]) == ("resnet18", ["robin", "wren"])
    assert model["provenance"]["versions"] == {"fastai": "2.8.12"}


def test_the_test_set_is_told_with_its_images(found: dict[str, Any]) -> None:
    """The unreadable one is among the seven, with its reason."""
    test_set = found["test_set"]
    assert (test_set["path"], test_set["n_images"], test_set["n_unreadable"]) == ("photos", 7, 1)
    assert test_set["unreadable"] == [{"image": "robin/torn.png", "reason": "cut short"}]
    assert (test_set["n_other_files"], test_set["other_files"]) == (1, ["notes.txt"])
    assert test_set["images"][1] == {
        "name": "robin/0.png",
        "label": "robin",
        "sha256": f"{0:064x}",
        "unreadable": None,
        "same_photo_as": None,
    }


def test_metrics_keep_all_their_digits(found: dict[str, Any]) -> None:
    """Three right, of seven images and six scored."""
    metrics, scores = found["metrics"], REPORT.scores.metrics
    assert (metrics["accuracy"], metrics["accuracy_readable"]) == (3 / 6, 3 / 6)
    assert (metrics["n_correct"], metrics["n_scored"], metrics["n_ties"]) == (3, 6, 0)
    assert metrics["accuracy_interval"] == list(scores.accuracy_interval)
    for key in ("loss", "balanced_accuracy", "macro_f1", "brier", "ece"):
        assert metrics[key] == getattr(scores, key)


def test_each_class_is_told_by_itself(found: dict[str, Any]) -> None:
    """With its 2x2 against the rest."""
    robin, wren = found["per_class"]
    assert (robin["label"], robin["support"], robin["recall"]) == ("robin", 3, 2 / 3)
    assert wren["one_vs_rest"] == {"tp": 1, "fp": 1, "fn": 2, "tn": 2}
    assert found["confusion_matrix"] == {"labels": ["robin", "wren"], "counts": [[2, 1], [2, 1]]}


def test_the_comparison_tells_the_test_the_interval_and_the_churn(found: dict[str, Any]) -> None:
    """Two broken and one fixed of seven images; five of seven answers differ or not."""
    comparison = found["comparison"]
    assert comparison["accuracy_change"] == -1 / 6
    assert comparison["mcnemar"] == {"n_regressions": 2, "n_improvements": 1, "p_value": 0.625}
    low, high = comparison["accuracy_change_interval"]
    assert low < -1 / 6 < high
    assert comparison["churn"] == 3 / 6
    assert comparison["baseline_model"]["path"] == "models/baseline.pkl"
    assert comparison["baseline_metrics"]["n_correct"] == 4


def test_flips_are_told_by_image(found: dict[str, Any]) -> None:
    """With what both models said."""
    comparison = found["comparison"]
    flips = comparison["regressions"] + comparison["improvements"]
    assert [flip["image"] for flip in flips] == ["robin/1.png", "wren/4.png", "wren/3.png"]
    assert flips[0] == {
        "image": "robin/1.png",
        "label": "robin",
        "baseline_prediction": "robin",
        "candidate_prediction": "wren",
    }


def test_answers_are_told_by_image(found: dict[str, Any]) -> None:
    """Positions of the predicted classes, and log probabilities with all digits."""
    assert REPORT.evidence is not None
    answers = found["predictions"]["candidate"]
    assert answers["predictions"] == [0, 1, 0, 1, 0, 0]
    assert answers["log_probabilities"] == REPORT.evidence.predictions.log_probabilities.tolist()


def test_verdicts_and_grade_are_told(found: dict[str, Any]) -> None:
    """3/6 is the accuracy that is asked for; the worst recall, 1/3, is met too."""
    first, second = found["verdicts"]
    assert (first["passed"], first["found"], first["required"]) == (True, 0.5, 0.5)
    assert first["reason"] == "The value is 0.5; that meets the rule."
    assert (second["passed"], second["label"]) == (True, "wren")
    assert found["grade"] == {"points": 2.0, "points_possible": 2.0, "passed": True}
    assert found["spec"] == {"name": "small", "version": "1.0.0"}


def test_notices_are_told_as_values_and_as_sentences(found: dict[str, Any]) -> None:
    """So that a program needn't read English."""
    assert found["notices"][0]["code"] == "other_files"
    assert found["warnings"] == ['Files in class folders that are not images: 1. "notes.txt".']


def test_without_a_spec_and_a_baseline_their_parts_are_null() -> None:
    """The keys stay."""
    document = report_object(BARE)
    assert (document["spec"], document["comparison"], document["grade"]) == (None, None, None)
    assert document["verdicts"] == []


def test_undefined_shares_are_null_with_their_reason() -> None:
    """A class without images that was never predicted has neither recall nor precision."""
    document = json.loads(report_json(BARE))
    wren = document["per_class"][1]
    assert (wren["support"], wren["recall"], wren["precision"], wren["f1"]) == (0, None, None, None)
    reasons = {one["metric"]: one["reason"] for one in document["undefined"]}
    assert (reasons["recall"], reasons["precision"]) == ("no_images", "never_predicted")


def test_the_text_reads_back_as_the_object() -> None:
    """JSON loses nothing, and ends in a newline; each image's answers stand on one line."""
    text = report_json(REPORT)
    assert json.loads(text) == json.loads(json.dumps(report_object(REPORT)))
    assert text.endswith("}\n")
    assert text == report_json(REPORT)


def test_a_path_that_is_no_utf8_can_still_be_written() -> None:
    """Undecodable bytes of the model's path are replaced."""
    strange = os.fsdecode(b"photos-\xff")
    report = replace(REPORT, model=replace(REPORT.model, path=strange))
    document = json.loads(report_json(report).encode("utf-8"))
    assert document["model"]["path"] == "photos-\ufffd"


def test_the_schema_file_is_current() -> None:
    """`python -m grader.reports.document` writes it."""
    text = json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n"
    assert SCHEMA.read_text("utf-8") == text


@pytest.mark.parametrize("audience", ["instructor", "student"])
def test_both_editions_are_as_the_schema_says(audience: Audience) -> None:
    """Which is itself a sound schema."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(report_json(edition(REPORT, audience)))
    jsonschema.validate(document, schema)


def test_the_schema_refuses_what_is_no_report(found: dict[str, Any]) -> None:
    """Another version, and a key too many."""
    schema = report_schema()
    for damaged in ({**found, "schema_version": 1}, {**found, "more": 1}):
        with pytest.raises(jsonschema.ValidationError, match=r"was expected|unexpected"):
            jsonschema.validate(damaged, schema)
