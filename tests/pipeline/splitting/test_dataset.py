"""Reading a divided data set."""

import shutil
import unicodedata
from pathlib import Path

import pytest

from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import TrainingImage
from pipeline.errors import BadInputError
from pipeline.splitting.dataset import read_dataset
from pipeline.splitting.settings import SplitSettings
from pipeline.splitting.split import split_images
from tests.pipeline.drawing import draw_classes, draw_dataset, draw_image, silent


def faults_of(root: Path) -> tuple[str, ...]:
    """What is wrong with a data set that can't be used."""
    with pytest.raises(BadInputError, match="can't be used") as caught:
        read_dataset(root, silent)
    lines = str(caught.value).splitlines()
    return tuple(line.removeprefix("  - ") for line in lines if line.startswith("  - "))


def test_a_split_is_read_back_with_its_record(tmp_path: Path) -> None:
    """Vocab, images and record are what the split wrote."""
    images = draw_classes(tmp_path / "images", per_class=10)
    record = split_images(images, tmp_path / "out", SplitSettings(), silent)
    found = read_dataset(tmp_path / "out", silent)
    assert found.vocab == ("blue", "green", "red")
    assert (len(found.train), len(found.val)) == (21, 3)
    assert found.split == record


def test_images_of_all_parts_are_recorded_by_their_hashes(tmp_path: Path) -> None:
    """Each image is listed once, with its part and without its name."""
    root = draw_dataset(tmp_path)
    found = read_dataset(root, silent)
    by_part = {
        part: sorted(image.sha256 for image in found.images if image.part == part)
        for part in ("train", "val", "test")
    }
    assert by_part == {
        part: sorted(sha256_of(path) for path in (root / part).rglob("*.png")) for part in by_part
    }
    assert set(TrainingImage.model_fields) == {"part", "sha256", "phash"}


def test_a_data_set_needs_neither_test_nor_record(tmp_path: Path) -> None:
    """Folders that a student divided by hand are enough."""
    root = draw_dataset(tmp_path)
    shutil.rmtree(root / "test")
    found = read_dataset(root, silent)
    assert found.split is None
    assert {image.part for image in found.images} == {"train", "val"}


def test_missing_parts_are_named_together(tmp_path: Path) -> None:
    """Neither train nor val exists: two faults, with the command that makes them."""
    assert faults_of(draw_classes(tmp_path)) == (
        'it has no folder "train"; make the data set with pipeline split',
        'it has no folder "val"; make the data set with pipeline split',
    )


def test_all_faults_are_found_at_once(tmp_path: Path) -> None:
    """An empty class, a class only in val, a broken record and a broken image are four."""
    root = draw_dataset(tmp_path)
    (root / "train" / "white").mkdir()
    draw_image(root / "val" / "black" / "1.png", colour=(0, 0, 0), seed=1)
    (root / "split.json").write_text("{}", "utf-8")
    (root / "train" / "blue" / "0.png").write_bytes(b"<html>")
    *others, unreadable = faults_of(root)
    assert others == [
        'train: "white" holds no images; add some or remove the folder',
        'val: "black" has no folder in train; add it there or remove it',
        '"split.json" is not a record of a split; remove it or split again',
    ]
    assert unreadable.startswith('"train/blue/0.png" can\'t be read: it is a web page')


def test_an_unreadable_test_image_is_recorded_and_no_fault(tmp_path: Path) -> None:
    """Training never touches test; the image just has no perceptual hash."""
    root = draw_dataset(tmp_path)
    (root / "test" / "blue" / "8.png").write_bytes(b"broken")
    found = read_dataset(root, silent)
    assert [image.part for image in found.images if image.phash is None] == ["test"]


def test_a_class_spelled_in_two_ways_is_named(tmp_path: Path) -> None:
    """Composed letters in train and decomposed ones in val look alike but differ."""
    root = draw_dataset(tmp_path)
    composed, decomposed = (unicodedata.normalize(form, "cigüeña") for form in ("NFC", "NFD"))
    (root / "train" / "blue").rename(root / "train" / composed)
    (root / "val" / "blue").rename(root / "val" / decomposed)
    assert faults_of(root) == (
        f'val: "{decomposed}" is spelled differently in train; give both the same name',
    )


@pytest.mark.parametrize(
    ("remains", "problem"), [("folders", "holds no images"), ("nothing", "holds no class folders")]
)
def test_an_empty_val_is_a_fault(tmp_path: Path, remains: str, problem: str) -> None:
    """Without it there is nothing to choose the best epoch by."""
    root = draw_dataset(tmp_path)
    for folder in list((root / "val").iterdir()):
        shutil.rmtree(folder)
        if remains == "folders":
            folder.mkdir()
    assert len(faults_of(root)) == 1
    assert problem in faults_of(root)[0]


def test_one_class_alone_is_a_fault(tmp_path: Path) -> None:
    """A classifier needs two."""
    root = draw_dataset(tmp_path)
    for part in ("train", "val"):
        shutil.rmtree(root / part / "green")
    assert faults_of(root) == (
        'train: it has only one class, "blue"; a classifier needs two or more',
    )


def test_what_is_not_used_is_reported(tmp_path: Path) -> None:
    """Other files are named, and so are classes that val lacks."""
    root = draw_dataset(tmp_path)
    shutil.rmtree(root / "val" / "green")
    (root / "train" / "blue" / "notes.txt").touch()
    lines: list[str] = []
    read_dataset(root, lines.append)
    assert lines == [
        'Note: val holds no images of "green"',
        'Not used, since they are not images (1): "train/blue/notes.txt"',
    ]
