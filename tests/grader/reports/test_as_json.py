"""The report as JSON: every key of the contract, all digits, null for what is undefined."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.reports.as_json import report_json, report_object
from grader.results import UnreadableImage
from tests.factories import make_report, make_rubric

REPORT = make_report(
    targets=(0, 0, 0, 1, 1, 1),
    candidate=(0, 1, 0, 1, 0, 0),
    baseline=(0, 0, 0, 0, 1, 0),
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.1 in every class"),
    unreadable=(UnreadableImage(image="robin/torn.png", reason="cut short"),),
    other_files=("notes.txt",),
    warnings=("One is odd.",),
)
BARE = make_report(targets=(0, 0), candidate=(0, 0))
SCORE_KEYS = {"label", "support", "recall", "precision", "f1", "one_vs_rest"}
FLIP_KEYS = {"image", "label", "baseline_prediction", "candidate_prediction"}


def read_back() -> dict[str, Any]:
    """The full report, as a program reads it."""
    found: dict[str, Any] = json.loads(report_json(REPORT))
    return found


def test_the_document_has_the_parts_of_the_contract() -> None:
    """No more and no fewer."""
    parts = {"schema_version", "model", "spec", "test_set", "metrics", "per_class"}
    parts |= {"confusion_matrix", "comparison", "verdicts", "grade", "engine", "warnings"}
    assert read_back().keys() == parts
    assert read_back()["schema_version"] == 1


def test_the_model_is_told() -> None:
    """Path, hash, architecture and vocab."""
    assert read_back()["model"] == {
        "path": "models/candidate.pkl",
        "sha256": "ab" * 32,
        "architecture": "resnet18",
        "vocab": ["robin", "wren"],
    }


def test_the_test_set_is_told_with_its_unreadable_images() -> None:
    """The unreadable one is among the seven, with its reason."""
    assert read_back()["test_set"] == {
        "path": "photos",
        "n_images": 7,
        "n_unreadable": 1,
        "classes": ["robin", "wren"],
        "unreadable": [{"image": "robin/torn.png", "reason": "cut short"}],
        "n_other_files": 1,
        "other_files": ["notes.txt"],
    }


def test_metrics_keep_all_their_digits() -> None:
    """Three right, of seven images and six scored."""
    assert read_back()["metrics"] == {
        "loss": REPORT.scores.metrics.loss,
        "accuracy": 3 / 7,
        "accuracy_readable": 3 / 6,
        "n_correct": 3,
        "n_scored": 6,
        "n_ties": 0,
    }


def test_each_class_is_told_by_itself() -> None:
    """With its 2x2 against the rest."""
    robin, wren = read_back()["per_class"]
    assert robin.keys() == wren.keys() == SCORE_KEYS
    assert (robin["label"], robin["support"], robin["recall"]) == ("robin", 3, 2 / 3)
    assert wren["one_vs_rest"] == {"tp": 1, "fp": 1, "fn": 2, "tn": 2}


def test_the_confusion_matrix_is_rows_of_counts() -> None:
    """In the order of its labels."""
    assert read_back()["confusion_matrix"] == {
        "labels": ["robin", "wren"],
        "counts": [[2, 1], [2, 1]],
    }


def test_the_comparison_has_the_keys_of_the_contract() -> None:
    """The baseline's scores, the changes and the flips."""
    keys = {"baseline_model", "baseline_metrics", "baseline_per_class", "baseline_confusion_matrix"}
    keys |= {"accuracy_change", "n_regressions", "n_improvements", "regressions", "improvements"}
    comparison = read_back()["comparison"]
    assert comparison.keys() == keys | {"per_class"}
    assert comparison["baseline_metrics"]["n_correct"] == 4
    assert comparison["baseline_model"]["path"] == "models/baseline.pkl"


def test_flips_are_told_by_image() -> None:
    """Two broken and one mended of seven images."""
    comparison = read_back()["comparison"]
    counts = (comparison["n_regressions"], comparison["n_improvements"])
    assert (*counts, comparison["accuracy_change"]) == (2, 1, -1 / 7)
    flips = comparison["regressions"] + comparison["improvements"]
    assert [flip["image"] for flip in flips] == ["robin/1.png", "wren/4.png", "wren/3.png"]
    assert all(flip.keys() == FLIP_KEYS for flip in flips)


def test_changes_of_each_class_are_told() -> None:
    """Both recalls and both counts."""
    assert read_back()["comparison"]["per_class"][0] == {
        "label": "robin",
        "support": 3,
        "baseline_recall": 1.0,
        "candidate_recall": 2 / 3,
        "n_regressions": 1,
        "n_improvements": 0,
    }


def test_verdicts_and_grade_are_told() -> None:
    """3/7 misses the accuracy; the worst recall, 1/3, is met."""
    found = read_back()
    assert found["verdicts"][0] == {
        "criterion": "accuracy >= 0.5",
        "passed": False,
        "points": 0.0,
        "points_possible": 1.0,
        "found": 3 / 7,
        "required": 0.5,
    }
    assert found["grade"] == {"points": 1.0, "points_possible": 2.0, "passed": False}
    assert found["spec"] == {"name": "small", "version": "1.0.0"}


def test_the_engine_is_told() -> None:
    """Versions are an object by package."""
    assert read_back()["engine"] == {
        "device": "cpu",
        "precision": "float32",
        "backend": "torch",
        "wall_s": 0.5,
        "images_per_s": 8.0,
        "n_regraded": 4,
        "largest_change": 2.5e-7,
        "versions": {"python": "3.11.7", "torch": "2.6.0"},
    }


def test_without_a_spec_and_a_baseline_their_parts_are_null() -> None:
    """The keys stay."""
    found = report_object(BARE)
    assert (found["spec"], found["comparison"], found["grade"]) == (None, None, None)
    assert found["verdicts"] == []


def test_undefined_shares_are_null() -> None:
    """A class without images that was never predicted has neither recall nor precision."""
    wren = json.loads(report_json(BARE))["per_class"][1]
    assert (wren["support"], wren["recall"], wren["precision"], wren["f1"]) == (0, None, None, None)


def test_the_text_reads_back_as_the_object() -> None:
    """JSON loses nothing, and ends in a newline."""
    assert json.loads(report_json(REPORT)) == report_object(REPORT)
    assert report_json(REPORT).endswith("}\n")


def test_a_path_that_is_no_utf8_can_still_be_written() -> None:
    """Undecodable bytes of the test folder's or the model's path are replaced."""
    strange = os.fsdecode(b"photos-\xff")
    report = replace(
        REPORT,
        model=replace(REPORT.model, path=strange),
        test_set=replace(REPORT.test_set, root=Path(strange)),
    )
    found = json.loads(report_json(report).encode("utf-8"))
    assert found["test_set"]["path"] == found["model"]["path"] == "photos-\ufffd"
