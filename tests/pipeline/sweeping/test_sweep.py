"""Whole sweeps: training, the choice by val, measuring once on test, and going on."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import timm
import torch

from pipeline.errors import BadInputError, UsageError
from pipeline.sweeping.folder import SweepFolder
from pipeline.sweeping.sweep import plan_sweep, sweep
from pipeline.sweeping.values import SweepPlan
from tests.pipeline.drawing import draw_dataset, silent

OPTIONS = (
    *("--recipe", "document", "--weights", "random", "--image-size", "32"),
    *("--epochs", "1", "--fine-tune-epochs", "1", "--device", "cpu", "--flip"),
)
RECORDS = ("plan.json", "runs.jsonl", "choice.json", "test.jsonl")


def plan_of(dataset: Path) -> SweepPlan:
    """One architecture that can be trained, and one that can't be cut into a body."""
    names = ("test_resnet", "mobilenet_v2", "test_resnet")
    return plan_sweep(dataset, names, n_seeds=1, options=OPTIONS, report=silent)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks of these tests are too small to be worth several threads."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set, and a whole sweep beside it."""
    root = tmp_path_factory.mktemp("swept")
    dataset = draw_dataset(root / "dataset")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        sweep(dataset, root / "sweep", plan_of(dataset), device="cpu", report=silent)
    return root


@pytest.fixture
def root(swept: Path, tmp_path: Path) -> Path:
    """A copy of both, to write into."""
    return Path(shutil.copytree(swept, tmp_path / "copy"))


def test_a_failed_run_is_recorded_and_the_rest_goes_on(swept: Path) -> None:
    """The reason is in the record, as the command reported it."""
    good, bad = SweepFolder(root=swept / "sweep").runs()
    assert (good.architecture, good.problem) == ("test_resnet", None)
    assert bad.architecture == "mobilenet_v2"
    assert bad.problem is not None
    assert "exit code 2" in bad.problem
    assert "can't be used as a body with a new head" in bad.problem


def test_a_sweep_writes_table_runs_and_plot(swept: Path) -> None:
    """They show the choice, and the numbers on test of everything that could be trained."""
    text = (swept / "sweep" / "sweep.md").read_text("utf-8")
    assert "| **test_resnet** |" in text
    assert "| mobilenet_v2 | - | - | - | - | - | - | - | 0, 1 failed |" in text
    assert "before the test part was used: test_resnet." in text
    assert len((swept / "sweep" / "sweep.csv").read_text("utf-8").splitlines()) == 3
    assert (swept / "sweep" / "sweep.png").read_bytes().startswith(b"\x89PNG")
    (look,) = SweepFolder(root=swept / "sweep").looks()
    assert look.architecture == "test_resnet"


def test_a_finished_sweep_trains_and_looks_no_more(root: Path) -> None:
    """Its files are written again from its records, without an export or a test part."""
    before = {name: (root / "sweep" / name).read_bytes() for name in RECORDS}
    table = (root / "sweep" / "sweep.md").read_bytes()
    (root / "sweep" / "sweep.md").unlink()
    shutil.rmtree(root / "sweep" / "runs")
    dataset = root / "dataset"
    found = sweep(dataset, root / "sweep", plan_of(dataset), device="cpu", report=silent)
    assert {name: (root / "sweep" / name).read_bytes() for name in RECORDS} == before
    assert found.table.read_bytes() == table


def test_a_sweep_that_was_stopped_goes_on_with_the_rest(root: Path) -> None:
    """What is finished is not trained again; what failed is tried again."""
    (root / "sweep" / "test.jsonl").unlink()
    dataset = root / "dataset"
    lines: list[str] = []
    sweep(dataset, root / "sweep", plan_of(dataset), device="cpu", report=lines.append)
    begun = [line for line in lines if line.startswith("Run ") and line.endswith(" ...")]
    assert begun == ["Run 2 of 2: mobilenet_v2, seed 0 ..."]
    assert len((root / "sweep" / "runs.jsonl").read_text("utf-8").splitlines()) == 3


def test_a_sweep_whose_runs_all_failed_tries_them_again(tmp_path: Path) -> None:
    """Test has not been used; once the cause is fixed, the same command ends well."""
    dataset, out = draw_dataset(tmp_path / "dataset"), tmp_path / "sweep"
    file = tmp_path / "mine.pth"
    file.write_text("nonsense")
    options = tuple(str(file) if option == "random" else option for option in OPTIONS)
    plan = plan_of(dataset).model_copy(
        update={"architectures": ("test_resnet",), "options": options}
    )
    with pytest.raises(BadInputError, match=r"its only run failed, .*is not a weights file"):
        sweep(dataset, out, plan, device="cpu", report=silent)
    assert "0, 1 failed" in (out / "sweep.md").read_text("utf-8")
    assert not (out / "choice.json").exists()
    torch.save(timm.create_model("test_resnet", num_classes=7).state_dict(), file)
    found = sweep(dataset, out, plan, device="cpu", report=silent)
    assert found.rows[0].is_chosen


def test_a_sweep_in_its_data_set_is_refused(tmp_path: Path) -> None:
    """It would be one more class of val."""
    dataset = draw_dataset(tmp_path / "dataset")
    with pytest.raises(UsageError, match="outside"):
        sweep(dataset, dataset / "val" / "s", plan_of(dataset), device="cpu", report=silent)


def test_other_images_are_another_sweep(root: Path) -> None:
    """Numbers of two data sets can't share a table."""
    next((root / "dataset" / "train" / "blue").iterdir()).unlink()
    dataset = root / "dataset"
    with pytest.raises(BadInputError, match="another plan or data set"):
        sweep(dataset, root / "sweep", plan_of(dataset), device="cpu", report=silent)


def test_an_unknown_architecture_is_told_before_anything_is_trained(tmp_path: Path) -> None:
    """No folder is created either."""
    dataset = draw_dataset(tmp_path / "dataset")
    plan = plan_of(dataset).model_copy(update={"architectures": ("test_resnet", "resnet19")})
    with pytest.raises(UsageError, match="resnet19"):
        sweep(dataset, tmp_path / "sweep", plan, device="cpu", report=silent)
    assert not (tmp_path / "sweep").exists()


def test_an_interrupted_sweep_says_how_to_go_on(root: Path) -> None:
    """Ctrl-C reaches the run too; what is finished is kept, and no run is called failed."""
    (root / "sweep" / "test.jsonl").unlink()
    arguments = [str(root / "dataset"), "--out", str(root / "sweep"), "--seeds", "1", *OPTIONS]
    command = [sys.executable, "-m", "pipeline", "sweep", *arguments]
    records = (root / "sweep" / "runs.jsonl").read_bytes()
    with subprocess.Popen(
        [*command, "--archs", "test_resnet,mobilenet_v2"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        stderr = process.stderr
        assert stderr is not None
        begun = next(line for line in stderr if line.startswith("Run 2 of 2"))
        os.killpg(process.pid, signal.SIGINT)
        rest = stderr.read()
    assert begun.endswith("mobilenet_v2, seed 0 ...\n")
    assert process.returncode == 130
    assert "the runs that are finished are kept" in rest
    assert "run the same command again" in rest
    assert "Traceback" not in rest
    assert (root / "sweep" / "runs.jsonl").read_bytes() == records
