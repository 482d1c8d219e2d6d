"""The report as a notebook shows it: a fragment of a page, without script or photos."""

from dataclasses import fields

from markupsafe import Markup

from grader.reports.html.templates import ASSETS, environment, models_of
from grader.results.report import GradeReport
from grader.words.language import ENGLISH, Language

MAX_MATRIX_CLASSES = 30


class ShownReport(GradeReport):
    """A report that a notebook renders. Otherwise it equals the report it was made from."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """What a notebook shows of the report."""
        return notebook_html(self)


def shown(report: GradeReport) -> ShownReport:
    """The same report as a value that a notebook knows how to render."""
    return ShownReport(**{one.name: getattr(report, one.name) for one in fields(report)})


def notebook_html(report: GradeReport, language: Language = ENGLISH) -> str:
    """Verdict, metrics with intervals, confusion matrices and classes, with their own colours.

    Its styles affect nothing else in the notebook, and a dark theme doesn't change it.
    """
    style = Markup((ASSETS / "notebook.css").read_text("utf-8"))  # noqa: S704 - our own file
    template = environment(language).get_template("notebook.html.j2")
    return template.render(
        report=report,
        models=models_of(report),
        max_matrix_classes=MAX_MATRIX_CLASSES,
        style=style,
    )
