"""Writes a report into a folder, in every form."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import BadInputError, write_errors
from grader.reports.figures.drawer import ENDINGS, FIGURE_NAMES, Begin, begin_here
from grader.reports.forms import audience_of, render_file
from grader.results.editions import edition
from grader.results.presentation import Audience, FileForm
from grader.results.report import GradeReport
from grader.words.language import ENGLISH, Language
from hidden_test_spec.durable import encoded

_FIGURES = "figures"
_FORMS: dict[str, FileForm] = {
    "report.json": "json",
    "report.html": "html",
    "report.md": "markdown",
    "predictions.csv": "csv",
    "junit.xml": "junit",
    "results.json": "gradescope",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """What was written.

    Attributes:
        paths: The files.
        removed: Files of an earlier report that this one doesn't have.
        left_out: A sentence, with its full stop, for each file that could not be made.
    """

    paths: tuple[Path, ...]
    removed: tuple[Path, ...]
    left_out: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Messages about it, a line for each file."""
        return (
            *(f"Wrote {path}" for path in self.paths),
            *(f"Removed {path}, left over from an earlier report" for path in self.removed),
            *self.left_out,
        )


def make_folder(out: Path) -> None:
    """Make the folder before the work starts, so that a wrong path doesn't cost a grading.

    Raises:
        BadInputError: If it can't be made.
        MachineError: If the disk is full.
    """
    with write_errors(out, option="--out"):
        out.mkdir(parents=True, exist_ok=True)


def write_report(  # noqa: PLR0913 - as a presentation has it
    report: GradeReport,
    out: Path,
    *,
    audience: Audience | None = None,
    language: Language = ENGLISH,
    photos: Path | None = None,
    figures: Begin = begin_here,
) -> WrittenReport:
    """Write the report in every form, and its figures.

    Files of an earlier report in the same folder are replaced, or removed if this report has no
    such file: a student's edition leaves no predictions.csv behind.

    Args:
        report: What to write.
        out: An existing folder.
        audience: Who all files are for; None makes each form for its usual readers.
        language: Of the readers.
        photos: The test folder, for thumbnails; None takes the one that was graded.
        figures: Begins to draw them, while the other files are made.

    Raises:
        BadInputError: If a file can't be written, or there is no such edition of the report.
        MachineError: If the disk is full.
    """
    if audience is not None:
        report = edition(report, audience)
    drawn = figures(report, language)
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    for name, form in _FORMS.items():
        if form == "csv" and audience_of(report, form, audience) == "student":
            continue
        try:
            text = render_file(report, form, audience=audience, language=language, photos=photos)
        except BadInputError as error:
            left_out.append(f"Left out {name}: {error.what}; {error.advice}.")
        else:
            files[name] = encoded(text)
    files |= {f"{_FIGURES}/{name}": content for name, content in drawn().items()}
    return WrittenReport(
        removed=tuple(_write(out, files)),
        paths=tuple(out / name for name in files),
        left_out=tuple(left_out),
    )


def _write(out: Path, files: dict[str, bytes]) -> Iterator[Path]:
    """Write the files; yields those of an earlier report that were removed first."""
    names = [*_FORMS, *(f"{_FIGURES}/{name}.{end}" for name in FIGURE_NAMES for end in ENDINGS)]
    with write_errors(out, option="--out"):
        for name in names:
            if name not in files and (out / name).exists():
                (out / name).unlink()
                yield out / name
        if (out / _FIGURES).is_symlink():
            (out / _FIGURES).unlink()  # figures belong to this report, not where a link leads
        if any(name.startswith(_FIGURES) for name in files):
            (out / _FIGURES).mkdir(exist_ok=True)
        for name, content in files.items():
            if (out / name).is_symlink():
                (out / name).unlink()  # never write through a link
            (out / name).write_bytes(content)
