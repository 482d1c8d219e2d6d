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
from grader.reports.html.axis import WHOLE_AXIS
from grader.reports.html.class_plot import class_rows, n_undecided
from grader.reports.html.estimates import estimate_rows
from grader.reports.html.matrix_cells import matrix_rows
from grader.reports.html.overview import (
    accuracy_picture,
    criterion_lines,
    flips,
    grade_notices,
    other_notices,
    worded_rubric,
    worst_class,
)
from grader.reports.html.robustness_plot import robustness_picture
from grader.reports.tables import confused_table, reliability_tables, rubric_table
from grader.results.models import ModelInfo
from grader.results.report import GradeReport
from grader.results.scores import Interval, ModelScores, Undefined
from grader.words.calibration import calibration_sentence
from grader.words.changes import change_sentence
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

PARTS, ASSETS = Path(__file__).parent / "parts", Path(__file__).parent / "assets"
_FUNCTIONS = (
    accuracy_picture,
    calibration_sentence,
    change_sentence,
    class_rows,
    class_sentence,
    comparison_table,
    confused_table,
    criterion_lines,
    edition_note,
    engine_sentences,
    estimate_rows,
    finding,
    flips,
    grade_notices,
    matrix_rows,
    n_undecided,
    notice_sentence,
    other_notices,
    outcome,
    overall_sentences,
    p_value_text,
    preprocessing_phrases,
    reliability_tables,
    robustness_picture,
    rubric_table,
    worded_rubric,
    worst_class,
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
        loader=FileSystemLoader(PARTS),
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
        say=unbroken(language),
        named=named,
        points=_points,
        whole_axis=WHOLE_AXIS,
        why_undefined=why_undefined,
    )
    return templates


class _Unbroken(Language):
    """The language with percent signs that stay on the line of their number."""

    __slots__ = ()

    def percent(self, value: float | None, *, n_digits: int = 1) -> str:
        """As in other forms, with a space that doesn't break."""
        return super().percent(value, n_digits=n_digits).replace(" %", "\u00a0%")

    def interval(self, interval: Interval | None, *, n_digits: int = 1) -> str:
        """As in other forms, with a space that doesn't break."""
        return super().interval(interval, n_digits=n_digits).replace(" %", "\u00a0%")


def unbroken(language: Language) -> Language:
    """The language as a page speaks it."""
    return _Unbroken(code=language.code, translations=language.translations)


def _points(points: float) -> str:
    return f"{points:g}"


def _written_out(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _why(undefined: tuple[Undefined, ...], wanted: tuple[str, str], language: Language) -> str:
    """Why a number is undefined; "withheld" where the report has no reason."""
    for one in undefined:
        if (one.label, one.metric) == wanted:
            return undefined_reason(one.reason, language)
    return language.gettext("withheld")
