"""What a finished run publishes beside its exports."""

import csv
import shutil
from pathlib import Path

import pytest
from PIL import Image

from hidden_test_spec.sidecar import Measured, read_sidecar, write_sidecar
from pipeline.errors import BadInputError
from pipeline.exporting.errors import NotVerifiedError
from pipeline.exporting.publishing import Publication, publish
from pipeline.running.run import TrainingRun
from tests.pipeline.drawing import silent


@pytest.fixture(scope="module")
def verified(
    finished_run: TrainingRun, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Publication, ...]:
    """A finished run that is published and verified."""
    run = tmp_path_factory.mktemp("published") / "run"
    shutil.copytree(finished_run.dataset.parent, run)
    with pytest.MonkeyPatch.context() as patch:
        # The network is too small to be worth several threads.
        patch.setenv("OMP_NUM_THREADS", "1")
        return publish(run, run / "dataset", must_verify=True, device="cpu", report=silent)


@pytest.fixture
def run(verified: tuple[Publication, ...], tmp_path: Path) -> Path:
    """A copy of its folder, to write into."""
    return Path(shutil.copytree(verified[0].export.parent, tmp_path / "run"))


def test_a_verified_run_says_so_in_record_and_card(verified: tuple[Publication, ...]) -> None:
    """Both exports, loaded back in a fresh process, do what they did in training."""
    assert [one.export.name for one in verified] == ["first_stage.pkl", "fine_tuned.pkl"]
    for one in verified:
        record = read_sidecar(one.export)
        assert one.is_verified
        assert record.verified is not None
        assert record.verified.measured.loss == one.graded.loss
        assert "The export is verified" in one.card.read_text("utf-8")


def test_curves_and_history_stand_beside_each_export(run: Path) -> None:
    """A picture, and the numbers as a table."""
    history = read_sidecar(run / "fine_tuned.pkl").history
    with (run / "fine_tuned_history.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["valid_loss"]) for row in rows] == [one.valid_loss for one in history]
    assert [row["phase"] for row in rows] == [one.phase for one in history]
    with Image.open(run / "first_stage_history.png") as picture:
        assert picture.format == "PNG"


def test_an_export_that_differs_is_not_called_verified(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No card is written, and an older claim is removed."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    export = run / "first_stage.pkl"
    export.with_suffix(".md").unlink()
    record = read_sidecar(export)
    assert record.verified is not None
    assert record.validation is not None
    better = Measured(n_images=record.validation.n_images, loss=0.01, accuracy=1.0)
    write_sidecar(record.model_copy(update={"validation": better}), export)
    with pytest.raises(NotVerifiedError, match=r"in training it was 0.01(?s:.)*first_stage.pkl"):
        publish(run, run / "dataset", must_verify=True, device="cpu", report=silent)
    assert read_sidecar(export).verified is None
    assert not export.with_suffix(".md").exists()


def test_images_that_only_a_spec_knows_are_measured_too(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record lists them, whatever their extensions."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for path in sorted((run / "dataset" / "val").glob("*/*"))[:2]:
        path.rename(path.with_suffix(".tiff"))
    (run / "dataset" / "val" / "blue" / "notes.txt").touch()
    for one in publish(run, run / "dataset", must_verify=True, device="cpu", report=silent):
        assert one.is_verified


def test_a_data_set_that_is_elsewhere_is_asked_for(run: Path) -> None:
    """The message names the option to pass it with."""
    with pytest.raises(
        BadInputError, match=r'to measure on(?s:.)*dataset/val"(?s:.)*with --dataset'
    ):
        publish(run, run / "dataset" / "dataset", must_verify=True, device="cpu", report=silent)


def test_a_folder_that_no_run_finished_is_an_error(run: Path) -> None:
    """Everything that is missing is reported at once, before anything is measured."""
    (run / "first_stage.pkl").unlink()
    (run / "fine_tuned.json").write_text("{}", "utf-8")
    with pytest.raises(BadInputError, match=r'"first_stage\.pkl" is missing') as caught:
        publish(run, run / "dataset", must_verify=True, device="cpu", report=silent)
    assert '\n  - "fine_tuned.json" is missing or not a record\n' in str(caught.value)
