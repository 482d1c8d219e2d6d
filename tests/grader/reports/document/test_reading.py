"""A report comes back from its JSON as it was, and a damaged one is refused in one sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from grader.errors import BadInputError
from grader.reports.document import reading
from grader.reports.document.reading import read_report
from grader.reports.document.writing import report_json
from grader.results.editions import edition
from grader.results.explanations import ExplainedAnswer, Explanation, HeatMap, Region
from grader.results.presentation import Audience
from grader.results.report import GradeReport, ImageRecord, Notice
from tests.factories import make_report, make_rubric

Document: TypeAlias = dict[str, Any]
TORN = ImageRecord(name="robin/torn.png", label="robin", sha256="f" * 64, unreadable="cut short")
REPORT = make_report(
    targets=(0,) * 6 + (1,) * 6,
    candidate=(0, 1, 0, 1, 0, 0) * 2,
    baseline=(0, 0, 0, 0, 1, 0) * 2,
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.1 in every class"),
    unreadable=(TORN,),
    other_files=("notes.txt",),
    notices=(Notice(code="other_files", n=1, images=("notes.txt",)),),
)


def read_back(report: GradeReport, folder: Path) -> GradeReport:
    """What reading gives of what writing gave."""
    path = folder / "report.json"
    path.write_text(report_json(report), "utf-8", newline="")
    return read_report(path)


@pytest.mark.parametrize("audience", ["instructor", "student"])
def test_a_report_comes_back_from_its_json(tmp_path: Path, audience: Audience) -> None:
    """Value by value, and to the same text."""
    report = edition(REPORT, audience)
    found = read_back(report, tmp_path)
    assert edition(found, "student") == edition(report, "student")  # arrays can't be compared
    assert report_json(found) == report_json(report)


def test_answers_come_back_to_the_bit(tmp_path: Path) -> None:
    """Log probabilities of both models."""
    found = read_back(REPORT, tmp_path)
    assert found.evidence is not None
    assert REPORT.evidence is not None
    assert found.evidence.images == REPORT.evidence.images
    np.testing.assert_array_equal(
        found.evidence.predictions.log_probabilities,
        REPORT.evidence.predictions.log_probabilities,
    )


def test_a_report_without_spec_and_baseline_comes_back(tmp_path: Path) -> None:
    """What is absent stays so."""
    report = make_report()
    assert report_json(read_back(report, tmp_path)) == report_json(report)


EXPLAINED = ExplainedAnswer(
    region=Region(left=0.25, top=0.0, right=0.75, bottom=1.0),
    heat_map=HeatMap(method="occlusion", heat=((0, 255), (17, 3))),
)


def test_heat_maps_come_back_and_no_student_gets_them(tmp_path: Path) -> None:
    """With their regions; a model without one stays without."""
    one = Explanation(image="robin/0.png", candidate=EXPLAINED, baseline=None)
    assert REPORT.evidence is not None
    report = replace(REPORT, evidence=replace(REPORT.evidence, explanations=(one,)))
    found = read_back(report, tmp_path)
    assert found.evidence is not None
    assert found.evidence.explanations == (one,)
    assert '"explanations": null' in report_json(edition(report, "student"))


@pytest.mark.parametrize(
    ("heat", "image", "problem"),
    [
        ([[0, 256]], "robin/0.png", "heat must lie between 0 and 255"),
        ([[0], [1, 2]], "robin/0.png", "heat must have rows of one length"),
        ([], "robin/0.png", "heat must have rows of one length"),
        ([[1]], "robin/99.png", "names one that is not in test_set.images"),
    ],
)
def test_a_damaged_heat_map_is_refused(
    tmp_path: Path, heat: list[list[int]], image: str, problem: str
) -> None:
    """Before a page draws it."""
    document = json.loads(report_json(REPORT))
    region = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}
    answer = {"region": region, "heat_map": {"method": "grad_cam", "heat": heat}}
    document["explanations"] = [{"image": image, "candidate": answer, "baseline": None}]
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(BadInputError, match=problem):
        read_report(path)


def change(*keys: str | int, to: Any) -> Callable[[Document], None]:
    """A change of one value deep in a document."""

    def apply(document: Document) -> None:
        value: Any = document
        for key in keys[:-1]:
            value = value[key]
        value[keys[-1]] = to

    return apply


def drop(*keys: str | int) -> Callable[[Document], None]:
    """Leave one key of a document out."""

    def apply(document: Document) -> None:
        value: Any = document
        for key in keys[:-1]:
            value = value[key]
        del value[keys[-1]]

    return apply


DAMAGES: dict[str, tuple[Callable[[Document], None], str]] = {
    "a version of another layout": (change("schema_version", to=1), "schema_version"),
    "a missing part": (drop("metrics"), "metrics: Field required"),
    "a part too many": (change("more", to=1), "more: Extra inputs"),
    "text for a number": (change("metrics", "accuracy", to="0.5"), "metrics.accuracy"),
    "a number for text": (change("model", "path", to=5), "model.path"),
    "a truth for a number": (change("metrics", "n_correct", to=True), "metrics.n_correct"),
    "null for a number": (change("metrics", "loss", to=None), "metrics.loss"),
    "an unknown notice": (change("notices", 0, "code", to="x"), "notices.0.code"),
    "a huge number": (change("engine", "wall_s", to=10**30), "engine.wall_s is out of range"),
    "a matrix too narrow": (change("confusion_matrix", "counts", 0, to=[6]), "as wide and as high"),
    "a matrix too low": (drop("confusion_matrix", "counts", 0), "as wide and as high"),
    "a negative count": (
        change("confusion_matrix", "counts", 0, to=[7, -1]),
        "holds a negative count",
    ),
    "a matrix with other sums": (
        change("confusion_matrix", "counts", 0, to=[1, 1]),
        "as many images of each class",
    ),
    "a withheld row": (change("confusion_matrix", "counts", 0, to=None), "lacks a row"),
    "other labels": (change("confusion_matrix", "labels", to=["a", "b"]), "doesn't list"),
    "a repeated class": (change("test_set", "classes", to=["robin", "robin"]), "repeats a class"),
    "no classes": (change("test_set", "classes", to=[]), "is empty"),
    "another number of images": (change("test_set", "n_images", to=14), "don't add up"),
    "more right than scored": (change("metrics", "n_correct", to=13), "n_correct is not between"),
    "another accuracy": (change("metrics", "accuracy", to=0.9), "is not n_correct / n_counted"),
    "an image too few": (drop("test_set", "images", 0), "doesn't hold n_images images"),
    "an image of no class": (change("test_set", "images", 0, "label", to="x"), "is not a class"),
    "another reason": (change("test_set", "unreadable", to=[]), "what test_set.images says"),
    "a prediction out of range": (
        change("predictions", "candidate", "predictions", 0, to=2),
        "not a class's position",
    ),
    "a negative prediction": (
        change("predictions", "candidate", "predictions", 0, to=-1),
        "not a class's position",
    ),
    "a prediction too few": (
        drop("predictions", "candidate", "predictions", 0),
        "a row for each scored image",
    ),
    "a row too short": (
        change("predictions", "candidate", "log_probabilities", 0, to=[0.0]),
        "a column for each class",
    ),
    "a probability above 1": (
        change("predictions", "candidate", "log_probabilities", 0, to=[0.5, -2.0]),
        "logarithms of probabilities",
    ),
    "a row of nulls": (
        change("predictions", "candidate", "log_probabilities", 0, to=[None, None]),
        "logarithms of probabilities",
    ),
    "a prediction that isn't most probable": (
        change("predictions", "candidate", "predictions", 0, to=1),
        "must be most probable classes",
    ),
    "an unknown vocab": (
        change("predictions", "candidate", "vocab_labels", to=["robin", "owl"]),
        "vocab_labels repeats",
    ),
    "a baseline without a comparison": (change("comparison", to=None), "go with comparison"),
    "a student's edition with photos": (
        change("audience", to="student"),
        "holds individual images",
    ),
    "no answers": (change("predictions", to=None), "lacks individual images"),
    "a flip too few": (drop("comparison", "regressions", 0), "as long as its count"),
    "a flip of no image": (
        change("comparison", "regressions", 0, "image", to="x"),
        "not in test_set.images",
    ),
    "other top k": (
        change("metrics", "top_k", to=[{"k": 2, "accuracy": 1.0, "interval": [0.5, 1.0]}]),
        "different top_k",
    ),
    "a gap between bins": (change("reliability", 1, "low", to=0.15), "has gaps"),
    "a bin without its accuracy": (change("reliability", 7, "accuracy", to=None), "go together"),
    "an empty bin with numbers": (
        change(
            "reliability",
            0,
            to={
                "low": 0.0,
                "high": 0.1,
                "n_images": 0,
                "confidence": 0.1,
                "accuracy": 1.0,
                "accuracy_interval": [0.5, 1.0],
            },
        ),
        "go together",
    ),
    "a bin without its numbers": (
        change(
            "reliability",
            7,
            to={
                "low": 0.7,
                "high": 0.8,
                "n_images": 12,
                "confidence": None,
                "accuracy": None,
                "accuracy_interval": None,
            },
        ),
        "lacks numbers of a reliability table",
    ),
    "a recall without its interval": (
        change("per_class", 0, "recall_interval", to=None),
        "without its interval",
    ),
    "a class without its counts": (
        change("per_class", 0, "one_vs_rest", to=None),
        "a support without counts",
    ),
    "an image in no bin": (change("reliability", 0, "n_images", to=1), "n_scored images"),
    "no grade": (change("grade", to=None), "verdicts without a grade"),
    "more points": (change("grade", "points", to=99.0), "points are not the sum"),
    "no rule": (change("verdicts", 0, "criterion", to="be good"), "a criterion is not a rule"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_report_is_refused_in_one_sentence(tmp_path: Path, damage: str) -> None:
    """It says what is wrong, where, and what to do."""
    apply, expected = DAMAGES[damage]
    document = json.loads(report_json(REPORT))
    apply(document)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(BadInputError, match=r"is not a report|contradicts itself") as caught:
        read_report(path)
    assert expected in caught.value.what
    assert caught.value.where == str(path)
    assert "unchanged" in caught.value.advice


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"report"',
        "{",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"schema_version": NaN}',
        '{"schema_version": Infinity}',
        '"\\ud800"',
        "1" * 5_000,
    ],
    ids=range(11),
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    """However it is broken, and however deep it is nested."""
    path = tmp_path / "report.json"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInputError, match="This is not a report") as caught:
        read_report(path)
    assert len(caught.value.what) < 1_200


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(tmp_path: Path, number: str) -> None:
    """Also where JSON itself would let it pass."""
    loss = json.dumps(REPORT.scores.metrics.loss)
    text = report_json(REPORT)
    assert f'"loss": {loss}' in text
    path = tmp_path / "report.json"
    path.write_text(text.replace(f'"loss": {loss}', f'"loss": {number}'), "utf-8")
    with pytest.raises(BadInputError, match=r"is not a report|contradicts itself"):
        read_report(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """An export given by mistake, for instance."""
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x04\xff\xfe")
    with pytest.raises(BadInputError, match="This is not a report"):
        read_report(path)


def test_a_file_too_large_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its size alone."""
    path = tmp_path / "report.json"
    path.write_text(report_json(REPORT), "utf-8")
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(BadInputError, match=r"it has \d+ bytes, and a report has at most 100"):
        read_report(path)


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_path_that_can_not_be_read_is_refused(tmp_path: Path, name: str) -> None:
    """No such file, or a folder."""
    with pytest.raises(BadInputError, match="The report can't be read") as caught:
        read_report(tmp_path / name)
    assert caught.value.advice == "check the path"


def test_names_in_a_refusal_are_escaped(tmp_path: Path) -> None:
    """A damaged file can't write control characters to a terminal."""
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"\x1b[31m" * 2_000: 1}), "utf-8")
    with pytest.raises(BadInputError, match="This is not a report") as caught:
        read_report(path)
    assert "\x1b" not in caught.value.what
    assert len(caught.value.what) < 1_200
