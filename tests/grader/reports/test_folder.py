"""The files of a report are written or replaced, or the reason why not is given."""

import csv
import errno
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from grader.errors import BadInputError, GraderError, MachineError
from grader.reports.document.reading import read_report
from grader.reports.folder import make_folder, write_report
from grader.results.editions import edition
from grader.words.language import language_of
from tests.factories import make_report, make_rubric

PLAIN = make_report(targets=(0,) * 6, candidate=(0,) * 6)
GRADED = make_report(
    targets=(0,) * 6 + (1,) * 5,
    candidate=(0,) * 6 + (1,) * 5,
    baseline=(0,) * 5 + (1,) * 6,
    rubric=make_rubric("accuracy >= 0.5"),
)
TEXTS = {"report.json", "report.html", "report.md", "junit.xml"}
FIGURES = {"confusion_matrix", "confusion_matrix_by_row", "reliability"}
BASELINE_FIGURES = {
    "baseline_confusion_matrix",
    "baseline_confusion_matrix_by_row",
    "class_changes",
}


def names_in(folder: Path) -> set[str]:
    """Names of the files below a folder."""
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def figures(stems: set[str]) -> set[str]:
    """Each as PNG and SVG."""
    return {f"figures/{stem}.{ending}" for stem in stems for ending in ("png", "svg")}


def test_a_report_is_written_in_every_form(tmp_path: Path) -> None:
    """With a spec and a baseline there are all of them, and their paths are told."""
    written = write_report(GRADED, tmp_path)
    expected = TEXTS | {"predictions.csv", "results.json"} | figures(FIGURES | BASELINE_FIGURES)
    assert names_in(tmp_path) == expected
    assert {path.relative_to(tmp_path).as_posix() for path in written.paths} == expected
    assert (written.removed, written.left_out) == ((), ())
    assert written.lines[0] == f"Wrote {tmp_path / 'report.json'}"


def test_without_a_spec_there_are_no_points_for_gradescope(tmp_path: Path) -> None:
    """That is said; without a baseline there are three figures."""
    written = write_report(PLAIN, tmp_path)
    assert names_in(tmp_path) == TEXTS | {"predictions.csv"} | figures(FIGURES)
    (line,) = written.left_out
    assert line.startswith("Left out results.json: Gradescope needs points, but this report")
    assert line.endswith("has no grade; grade with --spec.")


def test_each_form_is_for_those_who_usually_read_it(tmp_path: Path) -> None:
    """Markdown and Gradescope for students, the others for the instructor."""
    write_report(GRADED, tmp_path)
    assert read_report(tmp_path / "report.json").audience == "instructor"
    assert "student's edition" in (tmp_path / "report.md").read_text("utf-8")
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert results["extra_data"]["audience"] == "student"
    assert 'value="instructor"' in (tmp_path / "junit.xml").read_text("utf-8")


def test_an_instructors_edition_can_be_asked_for(tmp_path: Path) -> None:
    """Of every form."""
    write_report(GRADED, tmp_path, audience="instructor")
    assert "student's edition" not in (tmp_path / "report.md").read_text("utf-8")
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert results["extra_data"]["audience"] == "instructor"


def test_a_students_edition_has_no_predictions_and_takes_away_earlier_ones(tmp_path: Path) -> None:
    """What was removed is named; files that aren't ours stay."""
    (tmp_path / "notes.txt").touch()
    write_report(GRADED, tmp_path)
    written = write_report(GRADED, tmp_path, audience="student")
    assert names_in(tmp_path) == (
        TEXTS | {"notes.txt", "results.json"} | figures(FIGURES | BASELINE_FIGURES)
    )
    assert written.removed == (tmp_path / "predictions.csv",)
    assert f"Removed {tmp_path / 'predictions.csv'}, left over" in written.lines[-1]
    assert read_report(tmp_path / "report.json") == edition(GRADED, "student")


def test_a_later_report_takes_away_the_figures_it_does_not_have(tmp_path: Path) -> None:
    """Those of an earlier baseline."""
    write_report(GRADED, tmp_path)
    written = write_report(PLAIN, tmp_path)
    assert names_in(tmp_path) == TEXTS | {"predictions.csv"} | figures(FIGURES)
    gone = {path.relative_to(tmp_path).as_posix() for path in written.removed}
    assert gone == {"results.json"} | figures(BASELINE_FIGURES)


def test_the_files_hold_what_their_names_say(tmp_path: Path) -> None:
    """Each is read by a reader of its kind."""
    write_report(GRADED, tmp_path)
    with (tmp_path / "predictions.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 12
    assert ET.parse(tmp_path / "junit.xml").getroot().tag == "testsuites"  # noqa: S314 - our own
    assert (tmp_path / "report.html").read_text("utf-8").lower().startswith("<!doctype html>")
    with Image.open(tmp_path / "figures" / "class_changes.png") as image:
        assert image.format == "PNG"
    svg = ET.parse(tmp_path / "figures" / "reliability.svg").getroot()  # noqa: S314 - our own
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    """In every file."""
    for folder in ("first", "second"):
        make_folder(tmp_path / folder)
        write_report(GRADED, tmp_path / folder)
    for name in names_in(tmp_path / "first"):
        files = [(tmp_path / folder / name).read_bytes() for folder in ("first", "second")]
        assert files[0] == files[1], name


def test_a_report_of_few_images_leaves_the_students_forms_out(tmp_path: Path) -> None:
    """It says so, and the instructor's are written."""
    report = make_report(rubric=make_rubric("accuracy >= 0.5"))
    written = write_report(report, tmp_path)
    assert names_in(tmp_path) == (
        {"report.json", "report.html", "junit.xml", "predictions.csv"} | figures(FIGURES)
    )
    assert [line.partition(":")[0] for line in written.left_out] == [
        "Left out report.md",
        "Left out results.json",
    ]
    assert "needs at least 5 images, and 4 were scored" in written.left_out[0]


def test_a_students_edition_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    """If it was requested explicitly; nothing is written."""
    with pytest.raises(BadInputError, match="needs at least 5 images"):
        write_report(make_report(), tmp_path, audience="student")
    assert names_in(tmp_path) == set()


def test_a_students_report_is_not_shown_to_instructors(tmp_path: Path) -> None:
    """Drawn again, it stays a student's in every form."""
    student = edition(GRADED, "student")
    written = write_report(student, tmp_path)
    assert "predictions.csv" not in names_in(tmp_path)
    assert written.left_out == ()
    with pytest.raises(BadInputError, match="is a student's edition"):
        write_report(student, tmp_path, audience="instructor")


def test_people_read_it_in_their_language(tmp_path: Path) -> None:
    """Markdown and JUnit, for instance; the JSON stays as it is."""
    failing = replace(GRADED, grade=None, verdicts=())
    write_report(failing, tmp_path, language=language_of("es"))
    assert "imágenes acertadas" in (tmp_path / "report.md").read_text("utf-8")
    assert "imágenes acertadas" in (tmp_path / "junit.xml").read_text("utf-8")
    assert read_report(tmp_path / "report.json").audience == "instructor"


def test_folders_are_made_with_their_parents(tmp_path: Path) -> None:
    """An existing one is used unchanged."""
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_file_in_the_way_of_the_folder_is_bad_input(tmp_path: Path) -> None:
    """The error names its path, before any grading."""
    path = tmp_path / "report"
    path.touch()
    with pytest.raises(BadInputError, match="The file exists already") as caught:
        make_folder(path)
    assert (caught.value.exit_code, caught.value.where) == (3, str(path))


def test_a_folder_in_the_way_of_a_file_is_bad_input(tmp_path: Path) -> None:
    """Writing ends in the same kind of error."""
    (tmp_path / "report.json").mkdir()
    with pytest.raises(BadInputError, match="choose another one with --out"):
        write_report(PLAIN, tmp_path)


@pytest.mark.parametrize(
    ("number", "kind", "exit_code"),
    [
        (errno.ENOSPC, MachineError, 6),
        (errno.EDQUOT, MachineError, 6),
        (errno.EACCES, BadInputError, 3),
    ],
)
def test_a_full_disk_is_the_machines_fault(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[GraderError],
    exit_code: int,
) -> None:
    """A lack of permission is not."""

    def fail(*_args: object, **_options: object) -> int:
        raise OSError(number, "no luck")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(kind, match=r"can't be written \(no luck\)") as caught:
        write_report(PLAIN, tmp_path)
    assert caught.value.exit_code == exit_code


@pytest.mark.parametrize("name", ["report.json", "figures", ".report.json.partial"])
def test_links_in_the_folder_are_not_written_through(tmp_path: Path, name: str) -> None:
    """Whoever may write to the folder could otherwise choose which of our files is lost."""
    out, precious = tmp_path / "out", tmp_path / "precious"
    out.mkdir()
    precious.mkdir()
    (precious / "notes").write_text("mine")
    (out / name).symlink_to(precious if name == "figures" else precious / "notes")
    write_report(GRADED, out)
    assert [path.name for path in precious.iterdir()] == ["notes"]
    assert (precious / "notes").read_text() == "mine"
    assert read_report(out / "report.json").scores == GRADED.scores
