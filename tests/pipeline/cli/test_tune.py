"""The commands around training: messages, streams and exit codes."""

import csv
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from pipeline.running.run import TrainingRun
from tests.pipeline.drawing import draw_dataset

# fastai names a module of numpy by its older name when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:.*numpy.core:DeprecationWarning")

SMALL = shlex.split("--weights random --image-size 32 --device cpu")


def pipeline(*args: str | Path) -> Result:
    """Run one command in this process."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks of these tests are too small to share out among threads."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A divided data set of two classes."""
    return draw_dataset(tmp_path / "dataset")


def test_export_prints_each_card_with_what_val_says(
    finished_run: TrainingRun, tmp_path: Path
) -> None:
    """To stdout, one line for each stage; without --verify neither is called verified."""
    run = shutil.copytree(finished_run.dataset.parent, tmp_path / "run")
    result = pipeline("export", run, "--device", "cpu")
    assert result.exit_code == 0, result.stderr
    numbers = r"val loss \d+\.\d{4}, accuracy [01]\.\d{4}, not verified"
    first, second = result.stdout.splitlines()
    assert re.fullmatch(rf"{re.escape(str(run / 'first_stage.md'))}: {numbers}", first)
    assert re.fullmatch(rf"{re.escape(str(run / 'fine_tuned.md'))}: {numbers}", second)
    assert "Measuring first_stage.pkl on the val part" in result.stderr


def test_export_of_an_empty_folder_is_bad_input(tmp_path: Path) -> None:
    """Both missing exports are named."""
    result = pipeline("export", tmp_path, "--verify")
    assert (result.exit_code, result.stdout) == (3, "")
    assert '"first_stage.pkl" is missing' in result.stderr
    assert '"fine_tuned.pkl" is missing' in result.stderr


def test_find_lr_advises_one_rate_and_writes_pictures(dataset: Path, tmp_path: Path) -> None:
    """Rates first, then the files; nothing of the trial's weights is left."""
    out = tmp_path / "look"
    options = ["--arch", "test_resnet", "--batches", "30", *SMALL]
    result = pipeline("find-lr", dataset, "--out", out, *options)
    assert result.exit_code == 0, result.stderr
    advice, command, plot, table, batch = result.stdout.splitlines()
    assert (plot, table, batch) == tuple(
        str(out / name) for name in ("rates.png", "rates.csv", "batch.png")
    )
    found = re.fullmatch(r"advised rate: ([\de.-]+)", advice)
    assert found is not None
    assert command.endswith(f"--recipe document --lr {found[1]}")
    assert "fastai's other methods say: " in result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["batch.png", "rates.csv", "rates.png"]
    with Path(table).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert 10 < len(rows) <= 31
    assert set(rows[0]) == {"rate", "loss"}


def test_find_lr_leaves_nothing_where_it_fails(dataset: Path, tmp_path: Path) -> None:
    """An architecture that does not fit is wrong usage."""
    result = pipeline("find-lr", dataset, "--out", tmp_path / "o", "--arch", "inception_v3", *SMALL)
    assert result.exit_code == 2
    assert "can't be used as a body" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["dataset"]


def test_sweep_needs_a_name(dataset: Path, tmp_path: Path) -> None:
    """Commas alone name nothing."""
    result = pipeline("sweep", dataset, "--out", tmp_path / "sweep", "--archs", " , ")
    assert result.exit_code == 2
    assert "name at least one architecture" in result.stderr


def test_sweep_compares_no_auto(dataset: Path, tmp_path: Path) -> None:
    """It stands for an architecture that depends on the machine."""
    result = pipeline("sweep", dataset, "--out", tmp_path / "sweep", "--archs", "auto,resnet18")
    assert result.exit_code == 2
    assert "auto is not an architecture to compare" in result.stderr


def test_find_lr_takes_enough_batches_to_suggest_something(dataset: Path, tmp_path: Path) -> None:
    """A smaller number is bad usage."""
    result = pipeline("find-lr", dataset, "--out", tmp_path / "look", "--batches", "23")
    assert result.exit_code == 2
    assert "--batches" in result.stderr


def test_a_sweep_whose_runs_all_failed_is_no_success(dataset: Path, tmp_path: Path) -> None:
    """The reason is in the message; the table is in the folder."""
    options = ["--archs", "mobilenet_v2", "--seeds", "1", *SMALL]
    result = pipeline("sweep", dataset, "--out", tmp_path / "sweep", *options)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "It failed, and the sweep" in result.stderr
    assert "its only run failed" in result.stderr
    assert (tmp_path / "sweep" / "sweep.md").exists()


def test_sweep_prints_its_table(dataset: Path, tmp_path: Path) -> None:
    """Also what failed; the three files are named after it."""
    out = tmp_path / "sweep"
    small = ["--epochs", "1", "--fine-tune-epochs", "1", *SMALL]
    options = ["--archs", "mobilenet_v2,test_resnet", "--seeds", "1", "--no-flip", *small]
    result = pipeline("sweep", dataset, "--out", out, *options)
    assert result.exit_code == 0, result.stderr
    assert "| mobilenet_v2 | - | - | - | - | - | - | - | 0, 1 failed |" in result.stdout
    assert result.stdout.endswith(f"{out / 'sweep.md'}\n{out / 'sweep.csv'}\n{out / 'sweep.png'}\n")
    assert "It failed, and the sweep" in result.stderr
    plan = (out / "plan.json").read_text("utf-8")
    assert '"--weights"' in plan
    assert '"--no-flip"' in plan
