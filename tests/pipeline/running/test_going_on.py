"""Runs that go on where they were interrupted, or are refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from hidden_test_spec.reading import read_spec
from hidden_test_spec.sidecar import Epoch, read_sidecar
from pipeline.errors import BadInputError, InterruptionError
from pipeline.running import run as running
from pipeline.running.run import run, train
from pipeline.running.settings import RunSettings
from pipeline.splitting.settings import SplitMethod, SplitSettings
from pipeline.training.settings import AUTO, TrainingSettings
from pipeline.training.weights.architectures import find_architecture
from tests.pipeline.drawing import draw_classes, draw_dataset, silent
from tests.pipeline.running.test_run import SETTINGS, SMALL, saved_weights, values_of

# fastai uses the old name of a numpy module when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")


def interrupted(*_args: object) -> tuple[Epoch, ...]:
    """Ctrl-C as a stage begins."""
    raise KeyboardInterrupt


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Photos of three classes."""
    return draw_classes(tmp_path / "images")


@pytest.fixture
def broken(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that was interrupted in its second stage."""
    with monkeypatch.context() as patched:
        patched.setattr(running, "fine_tune", interrupted)
        with pytest.raises(InterruptionError):
            run(images, tmp_path / "broken", SETTINGS, silent)
    return tmp_path / "broken"


@pytest.mark.parametrize("stage", ["train_first_stage", "fine_tune"])
def test_an_interrupted_run_goes_on_to_the_same_result(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """It keeps the split that it had made, and its exports equal those of an uninterrupted run."""
    expected = run(images, tmp_path / "whole", SETTINGS, silent)
    with monkeypatch.context() as patched:
        patched.setattr(running, stage, interrupted)
        with pytest.raises(InterruptionError, match=r"same command with --resume"):
            run(images, tmp_path / "out", SETTINGS, silent)
    found = run(images, tmp_path / "out", SETTINGS, silent, resume=True)
    assert values_of(found.second_history) == values_of(expected.second_history)
    assert found.first_stage.exists()
    ours, theirs = (saved_weights(tmp_path / name, "fine_tuned") for name in ("out", "whole"))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_finished_run_does_not_go_on(tmp_path: Path) -> None:
    """Its exports are left alone."""
    dataset, out = draw_dataset(tmp_path / "dataset"), tmp_path / "out"
    train(dataset, out, SMALL, silent)
    with pytest.raises(BadInputError, match="its run is finished"):
        train(dataset, out, SMALL, silent, resume=True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"splitting": SplitSettings(ratio=(0.6, 0.2, 0.2))}, "--ratio 0.7 0.15 0.15"),
        ({"splitting": SplitSettings(method=SplitMethod.STRICT_DOCUMENT)}, "no --strict-document"),
        ({"spec": read_spec("digits")}, "no --spec"),
        ({"training": replace(SMALL, n_fine_tune_epochs=9)}, "--fine-tune-epochs 1"),
        ({"training": replace(SMALL, n_workers=1, flips=False)}, "--flip, no --workers"),
        ({"training": replace(SMALL, architecture="resnet18")}, "--arch test_resnet"),
    ],
)
def test_a_run_with_other_options_does_not_go_on(
    images: Path, broken: Path, changes: dict[str, Any], told: str
) -> None:
    """The original options are named, and the run can still go on with those."""
    settings = replace(SETTINGS, **changes)
    with pytest.raises(BadInputError, match=f"it was begun with {told}\n(?s:.)*use the folder"):
        run(images, broken, settings, silent, resume=True)
    assert run(images, broken, SETTINGS, silent, resume=True).fine_tuned.exists()


def test_a_run_with_other_images_does_not_go_on(broken: Path, tmp_path: Path) -> None:
    """Its data set was made from the images that it was begun with."""
    others = draw_classes(tmp_path / "others", per_class=9)
    with pytest.raises(BadInputError, match="with different --images"):
        run(others, broken, SETTINGS, silent, resume=True)


def test_a_run_goes_on_with_the_image_endings_of_its_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its data set has the same images as when it began."""
    images = draw_classes(tmp_path / "images")
    for path in images.glob("*/* 0.png"):
        with Image.open(path) as image:
            image.save(path.with_suffix(".tiff"))
        path.unlink()
    splitting = SplitSettings(extensions=("png", "tiff"))
    settings = RunSettings(spec=None, splitting=splitting, training=SMALL)
    with monkeypatch.context() as patched:
        patched.setattr(running, "fine_tune", interrupted)
        with pytest.raises(InterruptionError):
            run(images, tmp_path / "out", settings, silent)
    found = run(images, tmp_path / "out", settings, silent, resume=True)
    assert len(read_sidecar(found.fine_tuned).images) == 24


def test_auto_goes_on_with_what_it_chose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it would choose another architecture by now."""
    chosen = iter([SMALL.architecture])

    def choose(settings: TrainingSettings, _report: object) -> Any:
        is_auto = settings.architecture == AUTO
        return find_architecture(next(chosen) if is_auto else settings.architecture)

    monkeypatch.setattr(running, "choose_architecture", choose)
    dataset, settings = draw_dataset(tmp_path / "dataset"), replace(SMALL, architecture=AUTO)
    with monkeypatch.context() as patched:
        patched.setattr(running, "fine_tune", interrupted)
        with pytest.raises(InterruptionError):
            train(dataset, tmp_path / "out", settings, silent)
    found = train(dataset, tmp_path / "out", settings, silent, resume=True)
    assert read_sidecar(found.fine_tuned).architecture == SMALL.architecture


@pytest.mark.parametrize(
    ("folder", "problem"), [("nowhere", "no such folder"), ("", "no run was started")]
)
def test_where_nothing_was_begun_nothing_goes_on(tmp_path: Path, folder: str, problem: str) -> None:
    """The message says what is missing."""
    with pytest.raises(BadInputError, match=problem):
        run(tmp_path / "images", tmp_path / folder, SETTINGS, silent, resume=True)


def test_a_folder_that_no_run_began_is_left_alone(tmp_path: Path) -> None:
    """So is an export in it."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "first_stage.pkl").write_text("an older one")
    with pytest.raises(BadInputError, match="no run was started there"):
        train(draw_dataset(tmp_path / "dataset"), out, SMALL, silent, resume=True)
    assert [path.name for path in out.iterdir()] == ["first_stage.pkl"]


def test_a_run_without_its_data_set_does_not_go_on(broken: Path, images: Path) -> None:
    """The folder that is missing is named."""
    (broken / "dataset").rename(broken / "elsewhere")
    with pytest.raises(BadInputError, match=r"dataset\" is not a folder"):
        run(images, broken, SETTINGS, silent, resume=True)


@pytest.mark.parametrize(("text", "problem"), [("{", "can't be read"), ("[]", "is not a record")])
def test_a_damaged_record_is_told(broken: Path, images: Path, text: str, problem: str) -> None:
    """Its content is not guessed."""
    (broken / "models" / "begun.json").write_text(text)
    with pytest.raises(BadInputError, match=problem):
        run(images, broken, SETTINGS, silent, resume=True)
