"""Every form that a report can be drawn in, by its name."""

from pathlib import Path

from rich.console import RenderableType

from grader.reports.as_csv import predictions_csv
from grader.reports.as_gradescope import report_gradescope
from grader.reports.as_junit import report_junit
from grader.reports.as_markdown import report_markdown
from grader.reports.as_text import report_text
from grader.reports.document.writing import report_json
from grader.results.editions import edition
from grader.results.presentation import Audience, FileForm, Form
from grader.results.report import GradeReport
from grader.words.language import ENGLISH, Language

_STUDENTS_FORMS = ("gradescope", "markdown")


def render(
    report: GradeReport,
    form: Form,
    *,
    audience: Audience | None = None,
    language: Language = ENGLISH,
    photos: Path | None = None,
) -> str | RenderableType:
    """The report in one form: a string, except "text", which a rich console prints.

    Args:
        report: What to draw.
        form: Its form.
        audience: Who it is for; None means the form's usual readers: students for Gradescope and
            Markdown, otherwise whoever the report is for.
        language: Of the reader.
        photos: The test folder, for thumbnails; None takes the one that was graded.

    Raises:
        BadInputError: If there is no such edition of the report, or the form can't hold it.
    """
    if form == "text":
        return report_text(edition(report, audience_of(report, form, audience)), language)
    return render_file(report, form, audience=audience, language=language, photos=photos)


def audience_of(report: GradeReport, form: Form, audience: Audience | None) -> Audience:
    """Who a form is for: the requested audience, else the form's usual one, but never more."""
    if audience is not None:
        return audience
    return "student" if form in _STUDENTS_FORMS else report.audience


def render_file(
    report: GradeReport,
    form: FileForm,
    *,
    audience: Audience | None,
    language: Language,
    photos: Path | None,
) -> str:
    """What a file of this form holds; arguments and errors are those of `render`."""
    own = edition(report, audience_of(report, form, audience))
    match form:
        case "json":
            return report_json(own)
        case "html":
            return _html(own, language, photos)
        case "csv":
            return predictions_csv(own)
        case "junit":
            return report_junit(own, language)
        case "gradescope":
            return report_gradescope(own, language)
        case "markdown":
            return report_markdown(own, language)


def _html(report: GradeReport, language: Language, photos: Path | None) -> str:
    from grader.reports.html.page import report_html  # noqa: PLC0415 - other forms do without it

    return report_html(report, language=language, photos=photos or _graded_folder(report))


def _graded_folder(report: GradeReport) -> Path | None:
    """The test folder, where it is on this machine; a report may come from another.

    The root of a file system is nobody's test folder, whatever a report says.
    """
    folder = Path(report.test_set.path or "/").absolute()
    try:
        return folder if folder != folder.parent and folder.is_dir() else None
    except (OSError, ValueError):  # such as a name too long for this system
        return None
