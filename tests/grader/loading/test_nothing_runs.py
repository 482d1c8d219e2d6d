"""Nothing that a file names is imported or called: neither to read it nor to grade with it.

Every export is handled in a process whose import system, `builtins`, calls and audit events are
watched from the moment at which it opens the file. The last tests show that the watch would see it.
"""

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest
import torch
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.vision.augment import Resize
from fastai.vision.data import ImageDataLoaders

from acceptance.exports.outcomes import Outcome, outcome_of
from acceptance.exports.workers import WorkerPlan, replies
from acceptance.watched.commands import Conditions, Run, run_command
from acceptance.watched.names import names_in
from acceptance.watched.sightings import EVALUATING, READING, faults
from acceptance.watched.watching import Watched
from grader.errors import ModelRefusedError
from tests.grader.exports import draw_colours, export
from tests.grader.loading.reading import FLOATS
from tests.hostile import (
    learner,
    name,
    object_of,
    pickle_of,
    shell_call,
    text,
    torch_file,
)

STUDENT_CODE = """
import os, pathlib, torch
if "STUDENT_SENTINEL" in os.environ:
    pathlib.Path(os.environ["STUDENT_SENTINEL"]).touch()
class StudentNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3, 3)
    def forward(self, images):
        return self.layer(images.mean((2, 3)))
def student_metric(predictions, targets):
    return 1.0
def student_splitter(model):
    return [list(model.parameters())]
"""
READ = """
import sys
from pathlib import Path
from grader.errors import GraderError
from grader.loading.inspecting import inspect_export
try:
    inspect_export(Path(sys.argv[1]))
except GraderError as error:
    sys.exit(error.exit_code)
finally:
    print(*{name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names)
"""
SHELLS = ("alone", "class", "model", "module", "transform", "attribute")
# The process's own: its script, the watch, and what a virtual environment's .pth files load.
OWN = frozenset(
    {
        "__main__",
        "_distutils_hack",
        "acceptance",
        "a1_coverage",
        "coverage",
        "sitecustomize",
        "tests",
    }
)
UNPICKLE = "import sys, torch; torch.load(sys.argv[1], weights_only=False)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the exports of this module, a student's module and, if it is imported, a sentinel."""
    return tmp_path_factory.mktemp("nothing_runs")


@pytest.fixture(scope="module")
def student_code(folder: Path) -> Iterator[ModuleType]:
    """A module of a student's own, on the search path of every process that these tests start."""
    (folder / "student_code.py").write_text(STUDENT_CODE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        module = importlib.import_module("student_code")
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("STUDENT_SENTINEL", str(folder / "sentinel"))
        yield module
        del sys.modules["student_code"]


@pytest.fixture(scope="module")
def student_exports(folder: Path, student_code: ModuleType) -> Mapping[str, Path]:
    """Real exports that name the student's module: one beside the network, one as the network."""
    draw_colours(folder / "images")
    loaders = ImageDataLoaders.from_folder(
        folder, train="images", valid="images", item_tfms=Resize(16), bs=4, num_workers=0
    )
    plain = torch.nn.Sequential(
        torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(3, 3)
    )
    loss = CrossEntropyLossFlat()
    beside = {"metrics": student_code.student_metric, "splitter": student_code.student_splitter}
    return {
        "beside": export(Learner(loaders, plain, loss, **beside), folder / "beside.pkl"),
        "within": export(Learner(loaders, student_code.StudentNet(), loss), folder / "within.pkl"),
    }


@pytest.fixture(scope="module")
def shell_exports(folder: Path) -> Mapping[str, Path]:
    """Files that would run a shell command if they were unpickled."""
    shell = shell_call(folder / "canary")
    classes = (text("blue"), text("green"))
    pushed = {
        "alone": shell,
        "class": learner(text("blue"), shell),
        "model": learner(*classes, model=shell),
        "module": learner(*classes, model=object_of("student_code", "StudentNet", {})),
        "transform": learner(*classes, transforms=[shell]),
        "attribute": learner(*classes, model=object_of("torch.nn", "Module", {"forward": shell})),
    }
    for key, parts in pushed.items():
        file = torch_file(pickle_of(parts), {"0": FLOATS})
        (folder / f"shell_{key}.pkl").write_bytes(file)
    return {key: folder / f"shell_{key}.pkl" for key in pushed}


@pytest.fixture(scope="module")
def outcomes(
    folder: Path,
    student_exports: Mapping[str, Path],
    shell_exports: Mapping[str, Path],
    resnet_export: Path,
) -> Mapping[str, Outcome]:
    """What grading makes of all of them, in one watched process."""
    exports = {**student_exports, **shell_exports, "resnet": resnet_export}
    plan = WorkerPlan(
        module="acceptance.exports.grading_worker", n_requests=len(exports), limit_s=120, n_jobs=1
    )
    requests = [
        {"export": str(path), "images": str(_images_for(key, folder, path))}
        for key, path in exports.items()
    ]
    return dict(zip(exports, map(outcome_of, replies(plan, requests)), strict=True))


def _images_for(key: str, folder: Path, export_path: Path) -> Path:
    return export_path.with_suffix(".images") / "val" if key == "resnet" else folder / "images"


def run_watched(code: str, export_path: Path, *, names: frozenset[str] | None = None) -> Run:
    """Run a few lines of Python on an export, watched for the names that stand in it."""
    watched = Watched(
        path=str(export_path), names=names_in(export_path) if names is None else names
    )
    conditions = Conditions(watched=watched, limit_s=120, hidden=export_path.parent)
    return run_command([sys.executable, "-c", code, str(export_path)], conditions)


@pytest.mark.parametrize("key", ["beside", "within"])
def test_reading_a_real_export_loads_no_library_and_does_nothing_that_it_says(
    folder: Path, student_exports: Mapping[str, Path], key: str
) -> None:
    """Only the standard library, the grader and the contract are there, and nothing was seen."""
    run = run_watched(READ, student_exports[key])

    assert run.exit_code == 0, run.stderr
    assert set(run.stdout.split()) <= {"grader", "hidden_test_spec", *OWN}
    assert faults(run.sightings, libraries=READING) == ()
    assert run.fired == ()
    assert not (folder / "sentinel").exists()


@pytest.mark.parametrize("key", SHELLS)
def test_reading_a_file_that_calls_a_shell_calls_none(
    folder: Path, shell_exports: Mapping[str, Path], key: str
) -> None:
    """Wherever the call stands in the file, it stays a record of a call."""
    run = run_watched(READ, shell_exports[key])

    assert run.exit_code in {0, ModelRefusedError.exit_code}, run.stderr
    assert faults(run.sightings, libraries=READING) == ()
    assert not (folder / "canary").exists()
    assert not (folder / "sentinel").exists()


def test_an_export_is_graded_without_the_students_module_that_it_names(
    folder: Path, outcomes: Mapping[str, Outcome]
) -> None:
    """A metric and a splitter of the student's own change nothing, and are not looked up."""
    outcome = outcomes["beside"]

    assert outcome.answers is not None, outcome.message
    assert outcome.faults == ()
    assert not (folder / "sentinel").exists()


def test_a_students_network_is_refused_by_name_and_not_imported(
    folder: Path, outcomes: Mapping[str, Outcome]
) -> None:
    """The message names the class."""
    outcome = outcomes["within"]

    assert outcome.exit_code == ModelRefusedError.exit_code
    assert "StudentNet" in outcome.message
    assert outcome.faults == ()
    assert not (folder / "sentinel").exists()


def test_a_real_network_is_graded_by_calls_of_torch_alone(outcomes: Mapping[str, Outcome]) -> None:
    """A resnet18 with augmentation and normalisation, as students export it."""
    outcome = outcomes["resnet"]

    assert outcome.answers is not None, outcome.message
    assert outcome.faults == ()


@pytest.mark.parametrize("key", SHELLS)
def test_grading_a_file_that_calls_a_shell_calls_none(
    folder: Path, outcomes: Mapping[str, Outcome], key: str
) -> None:
    """It is refused, and the canary is untouched."""
    outcome = outcomes[key]

    assert outcome.exit_code == ModelRefusedError.exit_code, outcome.message
    assert outcome.faults == ()
    assert not (folder / "canary").exists()
    assert not (folder / "sentinel").exists()


def test_the_watch_sees_an_unpickler_at_work(student_exports: Mapping[str, Path]) -> None:
    """Loaded as torch does, the export looks names up, imports fastai and makes functions."""
    # Without names, calls aren't followed, which would take long while fastai is imported.
    run = run_watched(UNPICKLE, student_exports["beside"], names=frozenset())

    seen = faults(run.sightings, libraries=EVALUATING)
    assert run.exit_code == 0, run.stderr
    assert {"pickle.find_class", "import", "code.__new__"} <= {one.kind for one in seen}
    assert {"fastai", "student_code"} <= {one.what for one in seen if one.kind == "import"}


def test_the_watch_sees_a_shell_command(tmp_path: Path) -> None:
    """The payload of the tests above would have touched the canary."""
    path = tmp_path / "shell.pkl"
    path.write_bytes(torch_file(pickle_of(shell_call(tmp_path / "canary"))))

    run = run_watched(UNPICKLE, path)

    assert "os.system" in {one.kind for one in faults(run.sightings, libraries=EVALUATING)}
    assert (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import importlib; importlib.import_module('wave')", "import"),
        ("__import__('json')", "import again"),
        ("import os; getattr(os, 'getpid')", "lookup"),
        ("import os; os.getpid()", "call"),
        ("eval('1')", "exec"),
        ("open('left', 'w')", "write"),
    ],
)
def test_the_watch_sees_each_way_of_using_a_name(tmp_path: Path, code: str, kind: str) -> None:
    """Modules that are there already count too, if the file names them."""
    path = tmp_path / "names.pkl"
    names = (("wave", "open"), ("json", "loads"), ("os", "getpid"), ("posix", "getpid"))
    path.write_bytes(torch_file(pickle_of(*(name(*pair) for pair in names))))

    run = run_watched(f"import json, sys; open(sys.argv[1]).close(); {code}", path)

    seen = faults(run.sightings, libraries=READING)
    assert kind in {one.kind for one in seen}, seen
