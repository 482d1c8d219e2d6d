"""The environment of the HTML templates, and the models that they show side by side.

Everything is escaped, and undefined names are refused.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.reports.comparison_tables import comparison_table
from grader.reports.headline import edition_note, engine_sentences, finding, outcome
from grader.reports.html.estimates import estimate_rows, share_estimate
from grader.reports.html.heat_map import heat_rows
from grader.reports.tables import confused_table, reliability_tables, rubric_table
from grader.results.models import ModelInfo
from grader.results.report import GradeReport
from grader.results.scores import ModelScores, Undefined
from grader.words.comparisons import (
    class_sentence,
    overall_sentences,
    p_value_text,
)
from grader.words.language import Language
from grader.words.metrics import MetricKey, metric_name, undefined_reason
from grader.words.notices import notice_sentence
from grader.words.preprocessing import preprocessing_phrases
from hidden_test_spec.errors import plain

FOLDER = Path(__file__).parent
_FUNCTIONS = (
    class_sentence,
    comparison_table,
    confused_table,
    edition_note,
    engine_sentences,
    estimate_rows,
    finding,
    heat_rows,
    notice_sentence,
    outcome,
    overall_sentences,
    p_value_text,
    preprocessing_phrases,
    reliability_tables,
    rubric_table,
    share_estimate,
)


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


@functools.cache
def environment(language: Language) -> Environment:
    """Templates in a language; each is compiled once.

    In everything that a template writes, control characters and then markup are escaped, so that no
    name can be missed.
    """

    def named(key: MetricKey) -> str:
        return metric_name(key, language)

    def why_undefined(scores: ModelScores, label: str, metric: str) -> str:
        return _why(scores.undefined, (label, metric), language)

    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        finalize=_written_out,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update({function.__name__: function for function in _FUNCTIONS})
    templates.globals.update(
        gettext=language.gettext,
        ngettext=language.ngettext,
        say=language,
        named=named,
        why_undefined=why_undefined,
    )
    return templates


def _written_out(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _why(undefined: tuple[Undefined, ...], wanted: tuple[str, str], language: Language) -> str:
    """Why a number is undefined; "withheld" where the report has no reason."""
    for one in undefined:
        if (one.label, one.metric) == wanted:
            return undefined_reason(one.reason, language)
    return language.gettext("withheld")
