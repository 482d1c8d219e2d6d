"""The report as JSON, for programs. Numbers keep all their digits; undefined ones are null."""

import json
from dataclasses import asdict
from typing import Any

from grader.results import Comparison, Engine, GradeReport, ModelInfo
from grader.scores import ClassScore, ConfusionMatrix, ModelScores
from hidden_test_spec.images import display_name

SCHEMA_VERSION = 1

JsonObject = dict[str, Any]


def report_json(report: GradeReport) -> str:
    """The report as one JSON document, indented, ending in a newline."""
    text = json.dumps(report_object(report), ensure_ascii=False, indent=2, allow_nan=False)
    return text + "\n"


def report_object(report: GradeReport) -> JsonObject:
    """The report as values that JSON knows."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": _model(report.model),
        "spec": None if report.spec is None else asdict(report.spec),
        "test_set": _test_set(report),
        **_scores(report.scores),
        "comparison": None if report.comparison is None else _comparison(report.comparison),
        "verdicts": [asdict(verdict) for verdict in report.verdicts],
        "grade": None if report.grade is None else asdict(report.grade),
        "engine": _engine(report.engine),
        "warnings": list(report.warnings),
    }


def _model(model: ModelInfo) -> JsonObject:
    return {**asdict(model), "path": display_name(model.path), "vocab": list(model.vocab)}


def _test_set(report: GradeReport) -> JsonObject:
    test_set = report.test_set
    return {
        "path": display_name(str(test_set.root)),
        "n_images": len(test_set.images),
        "n_unreadable": len(report.unreadable),
        "classes": list(test_set.labels),
        "unreadable": [asdict(image) for image in report.unreadable],
        "n_other_files": len(test_set.other_files),
        "other_files": list(test_set.other_files),
    }


def _scores(scores: ModelScores) -> JsonObject:
    return {
        "metrics": asdict(scores.metrics),
        "per_class": _per_class(scores.per_class),
        "confusion_matrix": _matrix(scores.confusion_matrix),
    }


def _per_class(scores: tuple[ClassScore, ...]) -> list[JsonObject]:
    return [asdict(score) for score in scores]


def _matrix(matrix: ConfusionMatrix) -> JsonObject:
    return {"labels": list(matrix.vocab), "counts": [list(row) for row in matrix.counts]}


def _comparison(comparison: Comparison) -> JsonObject:
    baseline = _scores(comparison.baseline_scores)
    return {
        "baseline_model": _model(comparison.baseline),
        **{f"baseline_{name}": value for name, value in baseline.items()},
        "accuracy_change": comparison.accuracy_change,
        "n_regressions": comparison.n_regressions,
        "n_improvements": comparison.n_improvements,
        "regressions": [asdict(flip) for flip in comparison.regressions],
        "improvements": [asdict(flip) for flip in comparison.improvements],
        "per_class": [asdict(change) for change in comparison.per_class],
    }


def _engine(engine: Engine) -> JsonObject:
    return {**asdict(engine), "versions": dict(engine.versions)}
