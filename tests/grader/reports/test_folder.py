"""The files of a report are written, replaced and, where they can't be, refused in words."""

import csv
import errno
import json
from pathlib import Path

import pytest
from PIL import Image

from grader.errors import BadInputError, GraderError, MachineError
from grader.reports.as_json import report_object
from grader.reports.folder import make_folder, write_report
from tests.factories import make_report

PLAIN = make_report()
COMPARED = make_report(baseline=(0, 0, 1, 0))
NAMES = {"report.json", "predictions.csv", "confusion_matrix.png"}


def names_in(folder: Path) -> set[str]:
    """Names of the files in a folder."""
    return {path.name for path in folder.iterdir()}


def test_a_report_without_a_baseline_has_three_files(tmp_path: Path) -> None:
    """Their paths are returned."""
    paths = write_report(PLAIN, tmp_path)
    assert names_in(tmp_path) == NAMES
    assert set(paths) == {tmp_path / name for name in NAMES}


def test_a_baseline_has_a_figure_of_its_own(tmp_path: Path) -> None:
    """Four files."""
    paths = write_report(COMPARED, tmp_path)
    assert names_in(tmp_path) == NAMES | {"baseline_confusion_matrix.png"}
    assert len(paths) == 4


def test_the_files_hold_what_their_names_say(tmp_path: Path) -> None:
    """JSON, CSV and a figure that can be opened."""
    write_report(PLAIN, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == report_object(PLAIN)
    with (tmp_path / "predictions.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 5
    with Image.open(tmp_path / "confusion_matrix.png") as image:
        assert image.format == "PNG"


def test_a_later_report_replaces_an_earlier_one(tmp_path: Path) -> None:
    """The earlier baseline's figure is gone; what isn't ours stays."""
    (tmp_path / "notes.txt").touch()
    write_report(COMPARED, tmp_path)
    write_report(PLAIN, tmp_path)
    assert names_in(tmp_path) == NAMES | {"notes.txt"}
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["comparison"] is None


def test_folders_are_made_with_their_parents(tmp_path: Path) -> None:
    """And one that is there already is taken as it is."""
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_file_in_the_way_of_the_folder_is_bad_input(tmp_path: Path) -> None:
    """It is told with its path, before any grading."""
    path = tmp_path / "report"
    path.touch()
    with pytest.raises(BadInputError, match="The report can't be written") as caught:
        make_folder(path)
    assert (caught.value.exit_code, caught.value.where) == (3, str(path))


def test_a_folder_in_the_way_of_a_file_is_bad_input(tmp_path: Path) -> None:
    """Writing ends in the same kind of error."""
    (tmp_path / "report.json").mkdir()
    with pytest.raises(BadInputError, match="give --out a folder that you may write to"):
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

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(kind, match=r"can't be written \(no luck\)") as caught:
        write_report(PLAIN, tmp_path)
    assert caught.value.exit_code == exit_code
