"""The folder of a sweep."""

from pathlib import Path

import pytest

from pipeline.errors import BadInputError
from pipeline.sweeping.folder import SweepFolder
from pipeline.sweeping.values import ChosenArchitecture, LookAtTest, Numbers, SweepPlan, SweepRun

PLAN = SweepPlan(architectures=("a", "b"), seeds=(0,), options=("--no-flip",), images="x")
FAILED = SweepRun(architecture="a", seed=0, problem="no memory")
DONE = SweepRun(architecture="a", seed=0, val=Numbers(loss=0.1, accuracy=0.9))


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    """A folder that was claimed for a plan."""
    made = SweepFolder(root=tmp_path / "new" / "sweep")
    made.claim(PLAN)
    return made


def test_records_come_back_as_they_were_written(folder: SweepFolder) -> None:
    """So they do in a new process, since everything is kept in files."""
    look = LookAtTest(architecture="a", seed=0, test=Numbers(loss=0.2, accuracy=0.8))
    assert (folder.runs(), folder.choice(), folder.looks()) == ([], None, [])
    folder.add_run(DONE)
    folder.add_choice(ChosenArchitecture(architecture="a"))
    folder.add_look(look)
    again = SweepFolder(root=folder.root)
    again.claim(PLAN)
    assert (again.runs(), again.looks()) == ([DONE], [look])
    assert again.choice() == ChosenArchitecture(architecture="a")


def test_the_last_choice_counts(folder: SweepFolder) -> None:
    """More runs may have been finished since the one before."""
    for name in ("a", "b"):
        folder.add_choice(ChosenArchitecture(architecture=name))
    assert folder.choice() == ChosenArchitecture(architecture="b")


def test_the_last_record_of_a_run_counts(folder: SweepFolder) -> None:
    """One that failed may be tried again."""
    folder.add_run(FAILED)
    assert (folder.runs(), folder.finished()) == ([FAILED], [])
    folder.add_run(DONE)
    assert (folder.runs(), folder.finished()) == ([DONE], [DONE])


def test_a_problem_with_a_line_separator_is_one_line(folder: SweepFolder) -> None:
    """Unicode has more line separators than files do."""
    failed = FAILED.model_copy(update={"problem": "no\u2028memory"})
    folder.add_run(failed)
    assert folder.runs() == [failed]


def test_another_plan_is_an_error(folder: SweepFolder) -> None:
    """The numbers of two plans can't share a table."""
    with pytest.raises(BadInputError, match="another plan or data set"):
        folder.claim(PLAN.model_copy(update={"options": ()}))


def test_a_folder_of_something_else_is_an_error(tmp_path: Path) -> None:
    """Nothing is written into it."""
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(BadInputError, match="already exists"):
        SweepFolder(root=tmp_path).claim(PLAN)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_a_damaged_record_is_an_error(folder: SweepFolder) -> None:
    """The rest of a line that was cut off is not guessed."""
    folder.add_run(DONE)
    with (folder.root / "runs.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"architecture": "b", "se')
    with pytest.raises(BadInputError, match=r'"runs\.jsonl" is damaged; remove its last line'):
        folder.runs()
