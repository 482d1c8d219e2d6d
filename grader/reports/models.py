"""The models of a report, for renderers that go through both alike."""

from dataclasses import dataclass
from typing import Literal

from grader.results.models import ModelInfo
from grader.results.report import GradeReport
from grader.results.scores import ModelScores


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedModel:
    """One of the two models."""

    key: Literal["candidate", "baseline"]
    info: ModelInfo
    scores: ModelScores


def models_of(report: GradeReport) -> tuple[ReportedModel, ...]:
    """The candidate, then the baseline if there is one."""
    candidate = ReportedModel(key="candidate", info=report.model, scores=report.scores)
    compared = report.comparison
    if compared is None:
        return (candidate,)
    scores = compared.baseline_scores
    return candidate, ReportedModel(key="baseline", info=compared.baseline, scores=scores)
