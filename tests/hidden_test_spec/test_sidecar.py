"""The record beside an export comes back as it was written."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from hidden_test_spec.sidecar import (
    MAX_SIDECAR_BYTES,
    Epoch,
    Normalisation,
    Sidecar,
    SplitRecord,
    TrainingImage,
    WeightsOrigin,
    read_sidecar,
    sidecar_path,
    write_sidecar,
)

RECORD = Sidecar(
    export="tuned.pkl",
    sha256="0a" * 32,
    stage="fine_tuned",
    vocab=("cigüeña", "loro"),
    architecture="resnet18",
    weights=WeightsOrigin(source="torchvision", sha256=None),
    normalisation=Normalisation(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    image_size_px=224,
    seed=5,
    versions={"torch": "2.6.0"},
    split=SplitRecord(
        tool="split-folders 0.6.1",
        method="strict",
        seed=5,
        ratio=(0.8, 0.1, 0.1),
        counts={"loro": {"train": 8, "val": 1, "test": 1}},
    ),
    history=(
        Epoch(
            phase="fine_tune",
            epoch=0,
            train_loss=0.1,
            valid_loss=1 / 3,
            accuracy=0.9,
            seconds=2.5,
        ),
    ),
    images=(
        TrainingImage(part="train", sha256="1b" * 32, phash="0123456789abcdef"),
        TrainingImage(part="test", sha256="2c" * 32, phash=None),
    ),
)


def test_a_record_survives_the_round_trip(tmp_path: Path) -> None:
    """Every value, with all its digits."""
    write_sidecar(RECORD, tmp_path / "tuned.pkl")
    assert read_sidecar(tmp_path / "tuned.pkl") == RECORD


def test_the_record_stands_beside_the_export(tmp_path: Path) -> None:
    """The same name with the ending .json, even where the name has dots."""
    assert sidecar_path(tmp_path / "run.2.pkl") == tmp_path / "run.2.json"
    assert write_sidecar(RECORD, tmp_path / "tuned.pkl") == tmp_path / "tuned.json"


def test_an_export_without_a_record_is_an_os_error(tmp_path: Path) -> None:
    """Callers say what it means for them."""
    with pytest.raises(FileNotFoundError, match=r"tuned\.json"):
        read_sidecar(tmp_path / "tuned.pkl")


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    """A JSON object of something else lacks the record's keys."""
    (tmp_path / "tuned.json").write_text("{}", "utf-8")
    with pytest.raises(ValidationError, match="sha256"):
        read_sidecar(tmp_path / "tuned.pkl")


def test_names_of_images_have_no_place_in_a_record() -> None:
    """A record tells hashes only."""
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        TrainingImage.model_validate(
            {"part": "test", "sha256": "2c" * 32, "phash": None, "name": "loro/1.png"}
        )


def test_a_record_of_endless_size_is_not_read(tmp_path: Path) -> None:
    """One byte more than the bound is too much, whatever it says."""
    export = tmp_path / "tuned.pkl"
    sidecar_path(export).write_bytes(b" " * (MAX_SIDECAR_BYTES + 1))
    with pytest.raises(OSError, match=f"more than {MAX_SIDECAR_BYTES}"):
        read_sidecar(export)


def test_a_record_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    """It may lead to a record, or to a file that somebody wants to see quoted in an error."""
    written = write_sidecar(RECORD, tmp_path / "other.pkl")
    sidecar_path(tmp_path / "tuned.pkl").symlink_to(written)
    with pytest.raises(OSError, match="a link to another file"):
        read_sidecar(tmp_path / "tuned.pkl")
