"""The report as JSON, for programs. Numbers keep all their digits; undefined ones are null.

Its layout is in `schema.py` and, for other programs, in `schema.json`.
"""

import json
import math
from dataclasses import asdict
from typing import Any

from grader.reports.document.schema import SCHEMA_VERSION, ReportDocument
from grader.results.answers import Engine, Predictions
from grader.results.comparisons import Comparison
from grader.results.models import ModelInfo
from grader.results.preprocessing import ImageStep, Preprocessing, TensorStep
from grader.results.report import Evidence, GradeReport
from grader.results.scores import ConfusionMatrix, ModelScores
from grader.words.language import ENGLISH
from grader.words.notices import notice_sentence
from grader.words.verdicts import verdict_reason
from hidden_test_spec.images import display_name

JsonObject = dict[str, Any]


def report_json(report: GradeReport) -> str:
    """The report as one JSON document ending in a newline, indented except for the answers."""
    document = report_object(report)
    lines = []
    for key, value in document.items():
        indent = None if key in {"predictions", "explanations"} else 2
        text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
        lines.append(f"  {json.dumps(key)}: " + text.replace("\n", "\n  "))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def report_schema() -> JsonObject:
    """The JSON Schema (draft 2020-12) of the document."""
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, **ReportDocument.model_json_schema()}


def report_object(report: GradeReport) -> JsonObject:
    """The report as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "audience": report.audience,
        "model": _model(report.model),
        "spec": None if report.spec is None else asdict(report.spec),
        "statistics": asdict(report.statistics),
        "test_set": _test_set(report),
        **_scores(report.scores),
        "comparison": None if report.comparison is None else _comparison(report.comparison),
        "verdicts": [
            {**asdict(verdict), "reason": verdict_reason(verdict, ENGLISH)}
            for verdict in report.verdicts
        ],
        "grade": None if report.grade is None else asdict(report.grade),
        "engine": _engine(report.engine),
        "notices": [asdict(notice) for notice in report.notices],
        "warnings": [notice_sentence(notice, ENGLISH) for notice in report.notices],
        "predictions": None if report.evidence is None else _predictions(report.evidence),
        "explanations": None
        if report.evidence is None
        else [asdict(one) for one in report.evidence.explanations],
    }


def _model(model: ModelInfo) -> JsonObject:
    provenance = model.provenance
    return {
        "path": display_name(model.path),
        "sha256": model.sha256,
        "architecture": model.architecture,
        "vocab": list(model.vocab),
        "provenance": {
            **asdict(provenance),
            "versions": dict(provenance.versions),
            "preprocessing": _preprocessing(provenance.preprocessing),
        },
    }


def _preprocessing(preprocessing: Preprocessing) -> JsonObject:
    def values(steps: tuple[ImageStep | TensorStep, ...]) -> list[JsonObject]:
        return [{"step": type(step).__name__, "settings": asdict(step)} for step in steps]

    return {
        "mode": preprocessing.mode,
        "image_steps": values(preprocessing.image_steps),
        "tensor_steps": values(preprocessing.tensor_steps),
        "batch_steps": values(preprocessing.batch_steps),
        "left_out": list(preprocessing.left_out),
    }


def _test_set(report: GradeReport) -> JsonObject:
    test_set, evidence = report.test_set, report.evidence
    return {
        "path": test_set.path,
        "n_images": test_set.n_images,
        "n_unreadable": test_set.n_unreadable,
        "n_counted": test_set.n_counted,
        "n_photos": test_set.n_photos,
        "n_effective": test_set.n_effective,
        "classes": list(test_set.classes),
        "unreadable": None
        if evidence is None
        else [{"image": one.name, "reason": one.unreadable} for one in evidence.unreadable],
        "n_other_files": test_set.n_other_files,
        "other_files": None if evidence is None else list(evidence.other_files),
        "n_rotated": test_set.n_rotated,
        "images": None if evidence is None else [asdict(image) for image in evidence.images],
    }


def _scores(scores: ModelScores) -> JsonObject:
    return {
        "metrics": asdict(scores.metrics),
        "per_class": [asdict(score) for score in scores.per_class],
        "confusion_matrix": _matrix(scores.confusion_matrix),
        "most_confused": [asdict(pair) for pair in scores.most_confused],
        "reliability": [asdict(one) for one in scores.reliability],
        "undefined": [asdict(one) for one in scores.undefined],
        "robustness": [asdict(one) for one in scores.robustness],
    }


def _matrix(matrix: ConfusionMatrix) -> JsonObject:
    return {
        "labels": list(matrix.vocab),
        "counts": [None if row is None else list(row) for row in matrix.counts],
    }


def _comparison(comparison: Comparison) -> JsonObject:
    baseline = _scores(comparison.baseline_scores)
    numbers = asdict(comparison)
    for key in ("baseline", "baseline_scores", "changes", "per_class"):
        del numbers[key]
    kinds = ("regressions", "improvements", "confidence_drops", "confidence_gains")
    changes = dict.fromkeys(kinds) if comparison.changes is None else asdict(comparison.changes)
    return {
        "baseline_model": _model(comparison.baseline),
        **{f"baseline_{name}": value for name, value in baseline.items()},
        **numbers,
        **changes,
        "per_class": [asdict(change) for change in comparison.per_class],
    }


def _engine(engine: Engine) -> JsonObject:
    return {**asdict(engine), "versions": dict(engine.versions)}


def _predictions(evidence: Evidence) -> JsonObject:
    baseline = evidence.baseline_predictions
    return {
        "candidate": _answers(evidence.predictions),
        "baseline": None if baseline is None else _answers(baseline),
    }


def _answers(predictions: Predictions) -> JsonObject:
    return {
        "vocab_labels": list(predictions.vocab_labels),
        "predictions": predictions.predictions.tolist(),
        "log_probabilities": [
            [value if math.isfinite(value) else None for value in row]
            for row in predictions.log_probabilities.tolist()
        ],
    }
