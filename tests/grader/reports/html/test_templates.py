"""What every template may rely on."""

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from grader.reports.html.templates import environment, models_of
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report


def written(source: str, **values: object) -> str:
    """What a template writes."""
    return environment(ENGLISH).from_string(source).render(**values)


def test_text_is_written_out_and_escaped_wherever_it_stands() -> None:
    """In attributes too; numbers and our own markup stay unchanged."""
    text = written(
        '<a title="{{ name }}">{{ name }}</a>{{ n }}{{ own }}',
        name='"\u202e<',
        n=3,
        own=Markup("<b>\n</b>"),
    )
    shown = "&#34;\\u202e&lt;"
    assert text == f'<a title="{shown}">{shown}</a>3<b>\n</b>'


def test_a_name_that_is_not_given_is_an_error() -> None:
    """Rather than nothing at all."""
    with pytest.raises(UndefinedError, match="'nobody' is undefined"):
        written("{{ nobody }}")


def test_templates_speak_the_language_asked_for() -> None:
    """The names of metrics too."""
    source = '{{ gettext("Verdict") }} {{ named("recall") }}'
    assert environment(language_of("es")).from_string(source).render() == "Veredicto exhaustividad"


def test_an_undefined_number_has_its_reason() -> None:
    """The report gives it; without one, the number is withheld."""
    scores = make_report(targets=(0, 0), candidate=(0, 0)).scores
    source = '{{ why_undefined(scores, label, "recall") }}'
    assert written(source, scores=scores, label="wren") == "no images of this class"
    assert written(source, scores=scores, label="robin") == "withheld"


def test_the_candidate_comes_first() -> None:
    """Each with its own facts and scores."""
    report = make_report(baseline=(0, 0, 0, 1))
    assert report.comparison is not None
    candidate, baseline = models_of(report)
    assert (candidate.key, candidate.info, candidate.scores) == (
        "candidate",
        report.model,
        report.scores,
    )
    assert (baseline.key, baseline.info, baseline.scores) == (
        "baseline",
        report.comparison.baseline,
        report.comparison.baseline_scores,
    )


def test_without_a_baseline_there_is_one_model() -> None:
    """The candidate."""
    assert [model.key for model in models_of(make_report())] == ["candidate"]
