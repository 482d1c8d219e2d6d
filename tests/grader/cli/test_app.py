"""The command line: what goes where, and with which exit code."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from grader.cli.app import app

LEARNING = ("torch", "torchvision", "timm", "fastai")
SPEC = """
name = "colours"
version = "1.0.0"
classes = [
    { label = "red", queries = ["red"] },
    { label = "green", queries = ["green"] },
    { label = "blue", queries = ["blue"] },
]
rubric.criteria = [
    { rule = "accuracy >= 0.9", points = 6 },
    { rule = "accuracy_change >= 0 against the first stage", points = 4 },
]
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A spec of the three colours."""
    path = tmp_path / "colours.toml"
    path.write_text(SPEC, "utf-8")
    return path


def run(*args: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["evaluate", *map(str, args)])


def test_a_model_that_meets_the_rubric_exits_0(
    sound_model: Path, greenish_model: Path, colour_folder: Path, spec: Path
) -> None:
    """The report starts with the verdict, on stdout."""
    result = run(sound_model, "--data", colour_folder, "--baseline", greenish_model, "--spec", spec)

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("PASSED: 10 of 10 points. 9 of 9 images right")


def test_a_model_below_the_rubric_exits_5_and_still_gets_its_report(
    reddish_model: Path, greenish_model: Path, colour_folder: Path, spec: Path
) -> None:
    """Regressions are listed by name."""
    result = run(
        reddish_model, "--data", colour_folder, "--baseline", greenish_model, "--spec", spec
    )

    assert result.exit_code == 5
    assert result.stdout.startswith("BELOW THE RUBRIC: 0 of 10 points.")
    assert "green/olive.png" in result.stdout


def test_without_a_spec_there_is_no_grade_and_the_exit_code_is_0(
    reddish_model: Path, colour_folder: Path
) -> None:
    """Numbers alone fail nobody."""
    result = run(reddish_model, "--data", colour_folder, "--format", "json")
    report = json.loads(result.stdout)

    assert result.exit_code == 0
    assert report["grade"] is None
    assert report["metrics"]["n_correct"] == 6


def test_a_change_that_has_no_baseline_is_not_met(
    sound_model: Path, colour_folder: Path, spec: Path
) -> None:
    """What was never compared earns no points, and a warning says why."""
    result = run(sound_model, "--data", colour_folder, "--spec", spec, "--format", "json")
    report = json.loads(result.stdout)

    assert result.exit_code == 5
    assert [one["found"] for one in report["verdicts"]] == [1.0, None]
    assert "No baseline was given" in report["warnings"][0]


def test_the_folder_gets_every_file_of_the_report(
    sound_model: Path,
    greenish_model: Path,
    colour_folder: Path,
    spec: Path,
    tmp_path: Path,
) -> None:
    """JSON on stdout and report.json are the same, and stderr names the files."""
    out = tmp_path / "deep" / "report"
    arguments = ("--baseline", greenish_model, "--spec", spec, "--out", out, "--format", "json")
    result = run(sound_model, "--data", colour_folder, *arguments)

    assert sorted(path.name for path in out.iterdir()) == [
        "figures",
        "junit.xml",
        "predictions.csv",
        "report.html",
        "report.json",
        "report.md",
        "results.json",
    ]
    assert (out / "report.json").read_text("utf-8") == result.stdout
    assert "predictions.csv" in result.stderr


@pytest.mark.parametrize(("arguments", "n_most"), [([], 0), (["--explain", "1"], 1)])
def test_as_many_mistakes_are_explained_as_asked_for(
    resnet_export: Path, noise_folder: Path, arguments: list[str], n_most: int
) -> None:
    """None unasked where no page is made."""
    result = run(resnet_export, "--data", noise_folder, "--format", "json", *arguments)
    report = json.loads(result.stdout)

    assert len(report["explanations"]) == n_most
    assert all(one["baseline"] is None for one in report["explanations"])


def test_a_page_gets_heat_maps_unasked(
    resnet_export: Path, noise_folder: Path, tmp_path: Path
) -> None:
    """One at least, however short the grading was."""
    result = run(resnet_export, "--data", noise_folder, "--out", tmp_path)

    assert result.exit_code == 0
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert len(report["explanations"]) >= 1


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["{model}", "--data", "{tmp}/nowhere"], 3, "test folder can't be read"),
        (["{model}", "--data", "{tmp}/empty"], 3, "holds no class folders"),
        (["{tmp}/nowhere.pkl", "--data", "{data}"], 3, "model file"),
        (["{model}", "--data", "{data}", "--baseline", "{tmp}/no.pkl"], 3, "model file"),
        (["{model}", "--data", "{data}", "--spec", "birds"], 3, "match no class of the spec"),
        (["{model}", "--data", "{data}", "--spec", "brids"], 3, "built-in spec: birds, digits"),
        (["{model}", "--data", "{data}", "--out", "{model}"], 3, "The file exists already"),
        (["{tmp}/empty.pkl", "--data", "{data}"], 4, "empty"),
        (["{model}", "--data", "{data}", "--device", "tpu"], 2, "auto, cpu, cuda"),
        (["{model}", "--data", "{data}", "--batch-size", "0"], 2, "batch-size"),
        (["{model}"], 2, "--data"),
    ],
)
def test_bad_input_gives_one_message_and_its_exit_code(
    sound_model: Path,
    colour_folder: Path,
    tmp_path: Path,
    *,
    arguments: list[str],
    exit_code: int,
    message: str,
) -> None:
    """The message is on stderr, stdout stays empty, and there is no traceback."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.pkl").touch()
    places = {"model": sound_model, "data": colour_folder, "tmp": tmp_path}

    result = run(*(argument.format(**places) for argument in arguments))

    assert result.exit_code == exit_code, result.output
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [["evaluate"], ["check"]])
def test_an_export_over_the_specs_limit_exits_4(
    resnet_export: Path, noise_folder: Path, tmp_path: Path, *, arguments: list[str]
) -> None:
    """Grading and checking say the same."""
    path = tmp_path / "small.toml"
    classes = SPEC.replace('"red"', '"garza"').replace('"green"', '"loro"')
    limits = "limits.max_model_mb = 1\n"
    path.write_text(classes.replace('"blue"', '"cigüeña"') + limits, "utf-8")

    words = [*arguments, str(resnet_export), "--data", str(noise_folder), "--spec", str(path)]
    result = CliRunner().invoke(app, words)

    assert result.exit_code == 4
    assert "more than the 1 MB of the spec" in " ".join(result.output.split())


def test_a_missing_gpu_exits_6(sound_model: Path, colour_folder: Path) -> None:
    """A card that no machine has is never replaced by the CPU."""
    result = run(sound_model, "--data", colour_folder, "--device", "cuda:999")

    assert result.exit_code == 6
    assert "This machine can't run on cuda:999" in result.stderr


def modules_after(*args: str | Path) -> set[str]:
    """The top-level packages that a run of the command has imported when it ends."""
    code = (
        "import sys; from grader.cli.app import app\n"
        f"try: app({list(map(str, args))!r})\n"
        "except SystemExit: print('loaded', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    *_, last = done.stdout.splitlines()
    word, *names = last.split()
    assert word == "loaded"
    return set(names)


def test_help_imports_none_of_the_heavy_libraries() -> None:
    """It answers at once, since they wait for the command that needs them."""
    loaded = modules_after("--help")

    assert not loaded & {*LEARNING, "numpy", "PIL", "pydantic", "matplotlib"}
    assert {"grader", "typer"} <= loaded


def test_ctrl_c_ends_with_130_and_changes_no_file(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """An interrupted run says so, without a traceback, and leaves the old report."""
    data = shutil.copytree(colour_folder, tmp_path / "test")
    for number in range(3000):
        shutil.copy(data / "red" / "rose.png", data / "red" / f"rose{number}.png")
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.json").write_text("old")
    command = [sys.executable, "-m", "grader", "evaluate", str(sound_model)]
    options = ["--data", str(data), "--out", str(out), "--batch-size", "1"]
    with subprocess.Popen(
        [*command, *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        first_line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert first_line.startswith("Graded 30")
    assert process.returncode == 130
    assert "Interrupted" in rest
    assert "Traceback" not in rest
    assert (out / "report.json").read_text() == "old"


def run_inspect(*args: str | Path) -> Result:
    """Run the other command in this process."""
    return CliRunner().invoke(app, ["inspect", *map(str, args)])


def test_an_inspection_says_what_an_export_is(resnet_export: Path) -> None:
    """Vocab, architecture and transforms are read from the file."""
    result = run_inspect(resnet_export, "--format", "json")
    found = json.loads(result.stdout)

    assert result.exit_code == 0, result.output
    assert found["vocab"] == ["cigüeña", "garza", "loro"]
    assert found["architecture"] == "resnet18"
    assert [one["class"].rpartition(".")[2] for one in found["item_transforms"]] == [
        "RandomResizedCrop",
        "ToTensor",
    ]


def test_an_inspection_as_text_names_the_classes(sound_model: Path) -> None:
    """People read the same facts as a table."""
    result = run_inspect(sound_model)

    assert result.exit_code == 0, result.output
    assert "3: blue, green, red" in result.stdout


def test_an_inspection_of_weights_alone_exits_4(tmp_path: Path) -> None:
    """The reason and what to do stand in the output."""
    path = tmp_path / "weights.pkl"
    torch.save(torch.nn.Linear(2, 2).state_dict(), path)

    result = run_inspect(path)

    assert result.exit_code == 4
    assert "learn.export()" in result.stdout


@pytest.mark.parametrize(("content", "exit_code"), [(b"", 4), (b"some words", 4), (None, 3)])
def test_an_inspection_of_no_export_is_one_message(
    tmp_path: Path, content: bytes | None, exit_code: int
) -> None:
    """Files that can't be read, or are none of torch's, end with their exit code."""
    path = tmp_path / "model.pkl"
    if content is not None:
        path.write_bytes(content)

    result = run_inspect(path)

    assert result.exit_code == exit_code
    assert result.stderr.startswith("Error: ")


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_an_inspection_imports_none_of_the_libraries_that_the_file_names(
    sound_model: Path, output_format: str
) -> None:
    """Reading a file as data needs neither them nor what scores and plots need."""
    loaded = modules_after("inspect", sound_model, "--format", output_format)

    assert not loaded & {*LEARNING, "fastcore", "numpy", "PIL", "matplotlib"}
    assert "grader" in loaded


def test_an_inspection_runs_nothing_of_the_file(tmp_path: Path) -> None:
    """A pickle that would make a file when loaded is refused, and the file is not there."""
    canary = tmp_path / "canary"

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (canary,)

    path = tmp_path / "model.pkl"
    torch.save({"payload": Payload()}, path)

    result = run_inspect(path)

    assert result.exit_code == 4
    assert not canary.exists()


def run_check(*args: str | Path) -> Result:
    """Run the command for students in this process."""
    return CliRunner().invoke(app, ["check", *map(str, args)])


def test_a_check_of_a_sound_model_ends_with_ready(sound_model: Path, spec: Path) -> None:
    """The last line is what a student looks for."""
    result = run_check(sound_model, "--spec", spec)

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "Ready to hand in."


def test_a_check_on_images_exits_as_the_grading_does(
    reddish_model: Path, greenish_model: Path, colour_folder: Path, spec: Path
) -> None:
    """And its JSON holds the whole report."""
    images = ("--data", colour_folder, "--baseline", greenish_model)
    result = run_check(reddish_model, "--spec", spec, *images, "--format", "json")
    graded = run(reddish_model, "--spec", spec, *images, "--format", "json")
    checked, report = json.loads(result.stdout), json.loads(graded.stdout)

    assert result.exit_code == graded.exit_code == 5
    assert checked["outcome"] == "below the rubric"
    assert checked["report"]["metrics"] == report["metrics"]
    assert checked["report"]["verdicts"] == report["verdicts"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["{model}", "--spec", "birds"], 4, "the model lacks classes of the spec"),
        (["{tmp}/words.pkl", "--spec", "birds"], 4, "Not yet: fix the fault above."),
        (["{tmp}/none.pkl", "--spec", "birds"], 3, "No such file"),
        (["{model}", "--spec", "brids"], 3, "built-in spec: birds, digits"),
        (["{model}", "--spec", "birds", "--data", "{tmp}/none"], 3, "test folder can't be read"),
        (["{model}", "--spec", "birds", "--baseline", "{model}"], 2, "--data"),
        (["{model}"], 2, "--spec"),
    ],
)
def test_a_check_that_finds_faults_says_so_by_its_exit_code(
    sound_model: Path, tmp_path: Path, *, arguments: list[str], exit_code: int, message: str
) -> None:
    """Without a traceback."""
    (tmp_path / "words.pkl").write_bytes(b"some words")

    result = run_check(*(one.format(model=sound_model, tmp=tmp_path) for one in arguments))

    assert result.exit_code == exit_code, result.output
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output
