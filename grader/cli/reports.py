"""The commands about finished reports: show one again, and compare two."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.console import errors_as_exit_codes, print_text, say
from grader.results.presentation import Audience, Form, LanguageCode, Presentation

if TYPE_CHECKING:
    from grader.reports.figures.drawer import Begin
    from grader.results.report import GradeReport

FormatOption = Annotated[Form, typer.Option("--format", help="What to print on stdout.")]
AudienceOption = Annotated[
    Audience | None,
    typer.Option(
        help="Who it is for. A student's edition shows no images, no file names and no individual "
        "answers. Default: student for gradescope and markdown, otherwise instructor."
    ),
]
LanguageOption = Annotated[LanguageCode, typer.Option("--lang", help="en or es.")]
FiguresOption = Annotated[
    bool, typer.Option("--figures/--no-figures", help="Whether --out gets figures as files.")
]
OutOption = Annotated[
    Path | None, typer.Option(help="Folder for the report in every form, and its figures.")
]


def check_presentation(how: Presentation) -> None:
    """Refuse what can't be shown before the work starts, so that it doesn't cost a grading.

    Raises:
        typer.BadParameter: If the form has no such edition.
        BadInputError: If the folder can't be made.
        MachineError: If the disk is full.
    """
    if how.form == "csv" and how.audience == "student":
        raise typer.BadParameter(
            "csv holds individual answers, which a student's edition never shows"
        )
    if how.out is not None:
        from grader.reports.folder import make_folder

        make_folder(how.out)


def present(report: "GradeReport", how: Presentation, figures: "Begin | None" = None) -> None:
    """Write the report's files, then print it.

    Args:
        report: What to show.
        how: In which form, and where to.
        figures: How they are drawn; None draws them in this process, if there are to be any.

    Raises:
        BadInputError: If there is no such edition of the report, or a file can't be written.
        MachineError: If the disk is full.
    """
    from grader.reports.forms import render
    from grader.words.language import language_of

    language = language_of(how.language)
    if how.out is not None:
        from grader.reports.figures.drawer import begin_here, begin_none
        from grader.reports.folder import write_report

        written = write_report(
            report,
            how.out,
            audience=how.audience,
            language=language,
            photos=how.photos,
            figures=figures or (begin_here if how.has_figures else begin_none),
        )
        for line in written.lines:
            say(line)
    shown = render(report, how.form, audience=how.audience, language=language, photos=how.photos)
    if isinstance(shown, str):
        sys.stdout.write(shown)
        sys.stdout.flush()
    else:
        print_text(shown)


def report_command(  # noqa: PLR0913 - one parameter for each option of the command
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A report.json.")],
    *,
    data: Annotated[
        Path | None,
        typer.Option(help="The test folder, for thumbnails. Default: the folder that was graded."),
    ] = None,
    output_format: FormatOption = "text",
    audience: AudienceOption = None,
    language: LanguageOption = "en",
    out: OutOption = None,
    figures: FiguresOption = True,
) -> None:
    """Show a finished REPORT again, in any form, without its model.

    Exit codes: 0 shown, 2 wrong usage, 3 bad input, 6 this machine can't.
    """
    with errors_as_exit_codes():
        from grader.reports.document.reading import read_report

        how = Presentation(
            form=output_format,
            audience=audience,
            language=language,
            out=out,
            photos=data,
            has_figures=figures,
        )
        check_presentation(how)
        present(read_report(report), how)


def compare_command(  # noqa: PLR0913 - one parameter for each option of the command
    first: Annotated[Path, typer.Argument(metavar="A", help="The baseline's report.json.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The candidate's report.json.")],
    *,
    allow_different: Annotated[
        bool,
        typer.Option(
            "--allow-different",
            help="Compare on the images that both runs have, even if some are in only one.",
        ),
    ] = False,
    output_format: FormatOption = "text",
    audience: AudienceOption = None,
    language: LanguageOption = "en",
    out: OutOption = None,
    figures: FiguresOption = True,
) -> None:
    """Compare two finished runs, paired by the hashes of their images.

    Exit codes: 0 compared, 2 wrong usage, 3 bad input, 6 this machine can't.
    """
    with errors_as_exit_codes():
        how = Presentation(
            form=output_format,
            audience=audience,
            language=language,
            out=out,
            has_figures=figures,
        )
        check_presentation(how)
        from grader.grading.comparing import compare_reports
        from grader.reports.document.reading import read_report

        compared = compare_reports(
            read_report(first), read_report(second), allow_different=allow_different
        )
        present(compared, how)
