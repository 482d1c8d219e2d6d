"""Whole runs, and what they leave when they fail."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from hidden_test_spec.fingerprints import Fingerprint
from hidden_test_spec.fingerprints import _decoded as decode
from hidden_test_spec.reading import read_spec
from hidden_test_spec.sidecar import Epoch
from pipeline.errors import (
    BadInputError,
    FileAccessError,
    InterruptionError,
    MachineError,
    UsageError,
)
from pipeline.running import run as running
from pipeline.running.run import TrainingRun, run, train
from pipeline.running.settings import RunSettings
from pipeline.splitting.settings import SplitSettings
from pipeline.training.recipes import read_recipe
from pipeline.training.settings import Device, Precision, TrainingSettings, Weights
from tests.pipeline.drawing import draw_classes, draw_dataset, silent

# fastai uses the old name of a numpy module when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")

SMALL = TrainingSettings(
    architecture="test_resnet",
    weights=Weights.RANDOM,
    image_size_px=32,
    n_epochs=1,
    n_fine_tune_epochs=1,
    device=Device.CPU,
)
SETTINGS = RunSettings(spec=None, splitting=SplitSettings(), training=SMALL)


def values_of(history: tuple[Epoch, ...]) -> list[Epoch]:
    """A history without its times, which no seed can fix."""
    return [epoch.model_copy(update={"seconds": 0.0}) for epoch in history]


def saved_weights(out: Path, stage: str) -> dict[str, torch.Tensor]:
    """The weights that a stage saved."""
    state: dict[str, torch.Tensor] = torch.load(out / "models" / f"{stage}.pth", weights_only=True)
    return state


def test_a_run_leaves_data_set_exports_and_weights(finished_run: TrainingRun) -> None:
    """All of it lies in one folder, under fixed names."""
    out = finished_run.dataset.parent
    assert sorted(path.relative_to(out).as_posix() for path in out.glob("*")) == [
        "dataset",
        "fine_tuned.json",
        "fine_tuned.pkl",
        "first_stage.json",
        "first_stage.pkl",
        "models",
    ]
    assert {path.name for path in (out / "models").iterdir()} == {
        "first_stage.pth",
        "fine_tuned.pth",
    }
    assert {path.name for path in (out / "dataset").iterdir()} == {
        "train",
        "val",
        "test",
        "split.json",
        "copies.json",
    }


def test_one_seed_gives_one_result(tmp_path: Path) -> None:
    """Two runs on the same images end with the same numbers and the same weights."""
    dataset = draw_dataset(tmp_path / "dataset")
    first, second = (train(dataset, tmp_path / name, SMALL, silent) for name in "ab")
    assert values_of(first.second_history) == values_of(second.second_history)
    for stage in ("first_stage", "fine_tuned"):
        ours, theirs = (saved_weights(tmp_path / name, stage) for name in "ab")
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_another_seed_gives_another_result(tmp_path: Path) -> None:
    """The seed is what fixes the numbers."""
    dataset = draw_dataset(tmp_path / "dataset")
    first, second = (
        train(dataset, tmp_path / str(seed), replace(SMALL, seed=seed), silent) for seed in (5, 6)
    )
    assert values_of(first.first_history) != values_of(second.first_history)


def test_every_step_reports_its_time(tmp_path: Path) -> None:
    """Checking, splitting, reading, training and exporting each end with seconds."""
    images = draw_classes(tmp_path / "images")
    lines: list[str] = []
    run(images, tmp_path / "out", SETTINGS, lines.append)
    done = [line.partition(":")[0] for line in lines if ": done in " in line]
    assert done == [
        "Checking the images",
        "Splitting",
        "Reading and hashing the data set",
        "First stage",
        "Exporting the first stage",
        "Second stage",
        "Exporting the fine-tuned model",
    ]


def test_a_run_decodes_each_photo_once_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check's fingerprints serve the split and the data set, whose files are copies."""
    images = draw_classes(tmp_path / "images")
    decoded: list[Path] = []

    def counted(path: Path, sha256: str) -> Fingerprint:
        decoded.append(path)
        return decode(path, sha256)

    def no_training(*_args: object) -> tuple[Epoch, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr("hidden_test_spec.fingerprints._decoded", counted)
    monkeypatch.setattr(running, "train_first_stage", no_training)
    with pytest.raises(InterruptionError, match="Interrupted"):
        run(images, tmp_path / "out", SETTINGS, silent)
    assert sorted(decoded) == sorted(images.glob("*/*"))
    assert len(decoded) == len(list((tmp_path / "out" / "dataset").glob("*/*/*")))


def test_the_first_export_is_whole_before_the_second_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the second stage keeps the first one's export, and says so."""

    def interrupted(*_args: object) -> tuple[Epoch, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "fine_tune", interrupted)
    images = draw_classes(tmp_path / "images")
    with pytest.raises(InterruptionError, match="Interrupted") as caught:
        run(images, tmp_path / "out", SETTINGS, silent)
    kept = '"dataset", "first_stage.json", "first_stage.pkl", "models/first_stage.pth" are kept'
    assert kept in str(caught.value)


def test_the_recipe_document_can_be_run(tmp_path: Path) -> None:
    """Its frozen epoch is part of the second stage's history."""
    settings = replace(SMALL, recipe=read_recipe("document"))
    result = train(draw_dataset(tmp_path / "dataset"), tmp_path / "out", settings, silent)
    phases = [epoch.phase for epoch in (*result.first_history, *result.second_history)]
    assert phases == ["first_stage", "fine_tune_frozen", "fine_tune"]


def test_everything_wrong_with_the_images_is_told_at_once(tmp_path: Path) -> None:
    """Classes that differ from the spec, a class too small and a broken image are one message."""
    images = draw_classes(tmp_path / "images", names=("zero", "one", "pato"))
    (images / "zero" / "zero 0.png").write_bytes(b"<html>")
    (images / "one" / "one 0.png").unlink()
    (images / "one" / "one 1.png").unlink()
    settings = replace(SETTINGS, spec=read_spec("digits"))
    with pytest.raises(BadInputError, match="for 11 reasons") as caught:
        run(images, tmp_path / "out", settings, silent)
    message = str(caught.value)
    for fault in (
        '"one" has 6 images and needs at least 7',
        '"pato" is not a class of the spec "digits"',
        'the class "nine" of the spec "digits" has no folder',
        '"zero/zero 0.png" can\'t be read: it is a web page',
    ):
        assert fault in message
    assert not (tmp_path / "out").exists()


def test_images_that_match_a_spec_by_alias_pass(tmp_path: Path) -> None:
    """Folders named with aliases of the spec are its classes."""
    names = ("0", "uno", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    images = draw_classes(tmp_path / "images", names=names, per_class=7)
    settings = replace(SETTINGS, spec=read_spec("digits"))
    result = run(images, tmp_path / "out", settings, silent)
    assert result.fine_tuned.exists()


def test_what_fails_before_training_leaves_nothing(tmp_path: Path) -> None:
    """The images are already split when the architecture turns out not to fit."""
    images = draw_classes(tmp_path / "images")
    training = replace(SMALL, architecture="vit_tiny_patch16_224")
    with pytest.raises(UsageError, match="doesn't match model"):
        run(images, tmp_path / "out", replace(SETTINGS, training=training), silent)
    assert list(tmp_path.iterdir()) == [images]


def test_a_gpu_that_is_not_there_is_told_before_the_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    images = draw_classes(tmp_path / "images")
    training = replace(SMALL, device=Device.CUDA)
    with pytest.raises(MachineError, match="--device cuda"):
        run(images, tmp_path / "out", replace(SETTINGS, training=training), silent)
    assert list(tmp_path.iterdir()) == [images]


def test_a_ratio_that_is_none_is_told_before_anything_is_read(tmp_path: Path) -> None:
    """The images need not even exist."""
    settings = replace(SETTINGS, splitting=SplitSettings(ratio=(0.5, 0.5, 0.5)))
    with pytest.raises(UsageError, match=r"0\.5 0\.5 0\.5"):
        run(tmp_path / "nowhere", tmp_path / "out", settings, silent)


@pytest.mark.parametrize("command", ["run", "train"])
def test_nothing_is_overwritten(tmp_path: Path, command: str) -> None:
    """Both refuse a folder that isn't empty."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "work").touch()

    def start() -> TrainingRun:
        if command == "run":
            return run(tmp_path / "images", out, SETTINGS, silent)
        return train(tmp_path / "dataset", out, SMALL, silent)

    with pytest.raises(BadInputError, match="nothing is overwritten"):
        start()


def test_a_run_among_its_images_is_refused(tmp_path: Path) -> None:
    """It would be one more class."""
    images = draw_classes(tmp_path / "images")
    with pytest.raises(UsageError, match="outside"):
        run(images, images / "out", SETTINGS, silent)


def test_a_run_in_its_data_set_is_refused(tmp_path: Path) -> None:
    """It would be one more class of val."""
    dataset = draw_dataset(tmp_path / "dataset")
    with pytest.raises(UsageError, match="outside"):
        train(dataset, dataset / "val" / "run", SMALL, silent)


def test_a_place_that_is_none_is_told_before_anything_is_read(tmp_path: Path) -> None:
    """The data set need not even exist."""
    (tmp_path / "file").touch()
    with pytest.raises(FileAccessError, match=r"can't be read or written(?s:.)*file\""):
        train(tmp_path / "nowhere", tmp_path / "file" / "run", SMALL, silent)


@pytest.mark.parametrize("recipe", ["best", "document"])
def test_a_precision_that_a_cpu_has_not_is_told_before_training(
    tmp_path: Path, recipe: str
) -> None:
    """No record is written that names it."""
    settings = replace(SMALL, precision=Precision.BF16, recipe=read_recipe(recipe))
    with pytest.raises(MachineError, match="--precision bf16"):
        train(draw_dataset(tmp_path / "dataset"), tmp_path / "out", settings, silent)
    assert not (tmp_path / "out").exists()


def test_what_train_left_unbegun_can_be_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C before anything is worth keeping leaves no folder in the way of the same command."""

    def interrupted(*_args: object) -> tuple[Epoch, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "train_first_stage", interrupted)
    with pytest.raises(InterruptionError, match="nothing is kept"):
        train(draw_dataset(tmp_path / "dataset"), tmp_path / "out", SMALL, silent)
    assert not (tmp_path / "out").exists()


def test_a_data_set_can_be_trained_on_again(finished_run: TrainingRun, tmp_path: Path) -> None:
    """The record of its split goes into the sidecars of the new run as well."""
    result = train(finished_run.dataset, tmp_path / "again", SMALL, silent)
    assert result.dataset == finished_run.dataset
    assert result.first_stage == tmp_path / "again" / "first_stage.pkl"
