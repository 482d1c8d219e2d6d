"""The images of val that a record lists."""

from pathlib import Path

import pytest

from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import Sidecar, TrainingImage
from pipeline.exporting.asking_grader import recorded_val
from tests.pipeline.drawing import draw_classes
from tests.pipeline.records import sidecar_of


@pytest.fixture
def val(tmp_path: Path) -> Path:
    """Three images of each class; one of each has an extension that isn't an image's by default."""
    root = draw_classes(tmp_path / "val", per_class=3)
    for path in root.glob("*/* 0.png"):
        path.rename(path.with_suffix(".tiff"))
    return root


def record_of(paths: list[Path]) -> Sidecar:
    """A record that lists these images as val, and one more as train."""
    images = [TrainingImage(part="val", sha256=sha256_of(path), phash=None) for path in paths]
    other = TrainingImage(part="train", sha256="c" * 64, phash=None)
    return sidecar_of(images=(*images, other))


def names_in(root: Path) -> list[str]:
    """Names of the files of a class."""
    return sorted(path.name for path in (root / "blue").iterdir())


def test_recorded_images_get_an_ending_that_the_grader_knows(val: Path) -> None:
    """They get it only within the block; images that the record doesn't list are left out."""
    record = record_of(sorted(val.glob("*/*")))
    (val / "blue" / "later.png").write_bytes(b"another")
    with recorded_val(val, record) as folder:
        assert names_in(folder) == ["blue 0.tiff.png", "blue 1.png", "blue 2.png"]
    assert not folder.exists()
    assert "blue 0.tiff" in names_in(val)


def test_where_the_grader_knows_every_ending_val_is_measured_itself(val: Path) -> None:
    """Nothing is copied."""
    for path in val.glob("*/*.tiff"):
        path.rename(path.with_suffix(".png"))
    with recorded_val(val, record_of([])) as folder:
        assert folder == val


def test_where_recorded_images_are_missing_val_is_measured_itself(val: Path) -> None:
    """Whoever compares it with the record will report the difference."""
    record = record_of(sorted(val.glob("*/*")))
    (val / "blue" / "blue 0.tiff").unlink()
    with recorded_val(val, record) as folder:
        assert folder == val
