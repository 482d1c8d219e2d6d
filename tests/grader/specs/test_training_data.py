"""Training data as a folder and as the record beside an export."""

from pathlib import Path

import pytest

from grader.errors import BadInputError
from grader.specs.training_data import recorded_images, training_images
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import TrainingImage, write_sidecar
from tests.factories import draw_image, make_sidecar


def recorded(part: str, number: int) -> TrainingImage:
    """An image of a record."""
    return TrainingImage.model_validate(
        {"part": part, "sha256": f"{number:064x}", "phash": f"{number:016x}"}
    )


RECORD = (recorded("train", 1), recorded("val", 2), recorded("test", 3))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A file with a record beside it; nothing reads what it holds."""
    path = tmp_path / "model.pkl"
    path.write_bytes(b"an export")
    write_sidecar(make_sidecar(export=path.name, sha256=sha256_of(path), images=RECORD), path)
    return path


def test_images_are_found_at_any_depth(tmp_path: Path) -> None:
    """Flat, in class folders, and in parts; hidden folders and other files are passed over."""
    root = tmp_path / "data"
    for name in ("flat.png", "wren/a.JPG.png", "train/robin/b.png", ".trash/c.png", ".d.png"):
        draw_image(root / name)
    (root / "notes.txt").write_text("x", "utf-8")
    found = training_images(root, apart_from=tmp_path / "test")

    assert [(image.name, image.label) for image in found] == [
        ("flat.png", None),
        ("train/robin/b.png", "robin"),
        ("wren/a.JPG.png", "wren"),
    ]


def test_the_test_folder_itself_is_no_training_data(tmp_path: Path) -> None:
    """Where it lies inside the data set."""
    for name in ("train/robin/a.png", "test/robin/b.png"):
        draw_image(tmp_path / name)
    found = training_images(tmp_path, apart_from=tmp_path / "train" / ".." / "test")

    assert [image.name for image in found] == ["train/robin/a.png"]


@pytest.mark.parametrize(("is_made", "message"), [(False, "can't be read"), (True, "no images")])
def test_a_folder_without_images_is_refused(tmp_path: Path, message: str, *, is_made: bool) -> None:
    """Missing or empty, it would let every set pass."""
    root = tmp_path / "data"
    if is_made:
        root.mkdir()

    with pytest.raises(BadInputError, match=message):
        training_images(root, apart_from=tmp_path)


@pytest.mark.parametrize("ending", [".pkl", ".json"])
def test_a_record_is_found_by_its_export_or_by_itself(export: Path, ending: str) -> None:
    """Its images of train and val were seen by the model; its own test part was not."""
    found = recorded_images(export.with_suffix(ending))

    assert [image.part for image in found.images] == ["train", "val"]
    assert [one.sha256 for one in found.prints] == [f"{number:064x}" for number in (1, 2)]
    assert [one.phash for one in found.prints] == [f"{number:016x}" for number in (1, 2)]


def test_a_record_of_another_export_is_refused(export: Path) -> None:
    """It would describe other training data."""
    export.write_bytes(b"another export")

    with pytest.raises(BadInputError, match="about another file"):
        recorded_images(export)


def test_a_record_without_images_is_refused(export: Path) -> None:
    """Nothing could be found with it."""
    sidecar = make_sidecar(export=export.name, sha256=sha256_of(export), images=RECORD[2:])
    write_sidecar(sidecar, export)

    with pytest.raises(BadInputError, match="lists no training images"):
        recorded_images(export)


@pytest.mark.parametrize(
    ("record", "message"), [(None, "can't be read"), ("{}", "not the record of an export")]
)
def test_an_export_without_a_record_says_what_to_give(
    export: Path, record: str | None, message: str
) -> None:
    """Missing, or another JSON file."""
    path = export.with_suffix(".json")
    path.unlink()
    if record is not None:
        path.write_text(record, "utf-8")

    with pytest.raises(BadInputError, match=message):
        recorded_images(export)
