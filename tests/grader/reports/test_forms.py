"""Every form of a report is drawn by its name, for those who may read it."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image
from rich.console import Console

from grader.errors import BadInputError
from grader.reports.document.writing import report_json
from grader.reports.forms import render
from grader.results.editions import edition
from grader.results.presentation import Audience, FileForm, Form
from grader.words.language import language_of
from tests.factories import make_report, make_rubric

REPORT = make_report(
    targets=(0,) * 6 + (1,) * 5,
    candidate=(0,) * 5 + (1,) * 6,
    rubric=make_rubric("accuracy >= 0.5"),
)
STARTS: dict[FileForm, str] = {
    "json": "{\n",
    "html": "<!doctype html>",
    "csv": "image,label,sha256,",
    "junit": "<?xml ",
    "gradescope": "{\n",
    "markdown": "**PASSED",
}


@pytest.mark.parametrize("form", STARTS)
def test_a_form_is_what_its_name_says(form: FileForm) -> None:
    """As text that can be written to a file."""
    text = render(REPORT, form)
    assert isinstance(text, str)
    assert text.lower().startswith(STARTS[form].lower())


def test_text_is_for_a_console() -> None:
    """Which decides about width and colours."""
    file = io.StringIO()
    Console(file=file, width=100).print(render(REPORT, "text", language=language_of("es")))
    assert file.getvalue().startswith("APROBADO: 1 de 1 puntos. 10 de 11 imágenes acertadas")


@pytest.mark.parametrize("form", get_args(FileForm))
def test_a_form_is_for_those_who_usually_read_it(form: FileForm) -> None:
    """Students read Markdown and Gradescope's, instructors the others."""
    usual: Audience = "student" if form in {"gradescope", "markdown"} else "instructor"
    assert render(REPORT, form) == render(REPORT, form, audience=usual)
    if form != "csv":
        audiences: tuple[Audience, ...] = get_args(Audience)
        both = {render(REPORT, form, audience=audience) for audience in audiences}
        assert len(both) == 2


def test_a_students_report_stays_one_in_every_form() -> None:
    """If no audience is specified."""
    student = edition(REPORT, "student")
    assert render(student, "json") == report_json(student)


@pytest.mark.parametrize("form", ["text", "json", "html", "junit"])
def test_a_students_report_can_not_be_shown_as_more(form: Form) -> None:
    """The error says what to pass instead."""
    with pytest.raises(BadInputError, match="is a student's edition"):
        render(edition(REPORT, "student"), form, audience="instructor")


def test_a_students_csv_is_refused() -> None:
    """It would consist of answers for individual images."""
    with pytest.raises(BadInputError, match="no answers for individual images"):
        render(REPORT, "csv", audience="student")


@pytest.mark.parametrize("folder", ["a" * 5_000, "no\0path", "", "nowhere/at/all"])
def test_a_page_needs_no_folder_of_this_machine(folder: str) -> None:
    """A report may come from another machine, or may have been edited by hand."""
    report = replace(REPORT, test_set=replace(REPORT.test_set, path=folder))
    assert "</html>" in str(render(report, "html"))


@pytest.mark.parametrize("root", ["/", "//", "/."])
def test_a_report_of_a_whole_file_system_shows_no_photo(tmp_path: Path, root: str) -> None:
    """Its names could lead anywhere, even to photos whose hashes somebody knows."""
    assert REPORT.evidence is not None
    photo = tmp_path / "private.png"
    Image.new("RGB", (9, 9)).save(photo)
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    images = tuple(
        replace(image, name=str(photo.relative_to("/")), sha256=digest)
        for image in REPORT.evidence.images
    )
    report = replace(
        REPORT,
        test_set=replace(REPORT.test_set, path=root),
        evidence=replace(REPORT.evidence, images=images),
    )
    assert "data:image/webp" not in str(render(report, "html"))
    assert "data:image/webp" in str(render(report, "html", photos=Path("/")))
