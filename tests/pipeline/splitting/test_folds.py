"""Folds for cross-validation: each photo is in val once, together with its copies."""

import json
from pathlib import Path

import pytest

from hidden_test_spec.sidecar import SplitRecord
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.errors import BadInputError
from pipeline.splitting.dataset import read_dataset
from pipeline.splitting.folds import FoldSettings, split_folds
from pipeline.splitting.leaks import verify_split
from tests.pipeline.copying import draw_with_copies
from tests.pipeline.drawing import draw_classes, silent


def test_every_photo_is_in_val_once(tmp_path: Path) -> None:
    """And in train otherwise; photos in two classes are always in train."""
    images = draw_with_copies(tmp_path / "images")
    split_folds(images, tmp_path / "out", FoldSettings(n_folds=4), silent)
    folds = [tmp_path / "out" / f"fold {number}" for number in range(1, 5)]
    in_val = [path.name for fold in folds for path in (fold / "val").rglob("*.png")]
    names = {path.name for path in images.rglob("*.png")}
    assert sorted(in_val) == sorted(names - {"red 0.png", "again 0.png", "strayed.png"})
    for fold in folds:
        assert {path.name for path in fold.rglob("*.png")} == names


def test_each_fold_is_a_data_set_without_leaks(tmp_path: Path) -> None:
    """It can be trained on, and says how it was made."""
    images = draw_with_copies(tmp_path / "images")
    records = split_folds(images, tmp_path / "out", FoldSettings(n_folds=3, seed=9), silent)
    for number, record in enumerate(records, start=1):
        fold = tmp_path / "out" / f"fold {number}"
        dataset = read_dataset(fold, silent)
        assert dataset.vocab == ("blue", "green", "red")
        assert dataset.split == record
        assert verify_split(fold, silent, extensions=IMAGE_EXTENSIONS).leaks == ()
        assert len(json.loads((fold / "copies.json").read_text("utf-8"))["groups"]) == 5
    assert isinstance(records[0], SplitRecord)
    assert (records[0].method, records[0].seed) == ("3 folds", 9)


def test_folds_tell_of_the_leaks_that_they_prevent(tmp_path: Path) -> None:
    """Both in words and in each fold's numbers; each fold alone would have leaked."""
    images = draw_with_copies(tmp_path / "images")
    lines: list[str] = []
    split_folds(images, tmp_path / "out", FoldSettings(n_folds=2), lines.append)
    documents = [
        json.loads((tmp_path / "out" / f"fold {number}" / "copies.json").read_text("utf-8"))
        for number in (1, 2)
    ]
    prevented = [document["n_leaks_prevented"] for document in documents]
    assert all(0 < count <= 5 for count in prevented)
    assert [document["n_leaks_found"] for document in documents] == [0, 0]
    told = [f"Leaks: none; a plain split would put {n} photos on two sides" for n in prevented]
    assert [line for line in lines if line.startswith("Leaks")] == told
    copies = "Copies: 11 images show 5 photos, 1 of them in more than one class"
    assert [line for line in lines if line.startswith("Copies")] == [copies]


def test_folds_of_photos_without_copies_prevent_nothing(tmp_path: Path) -> None:
    """And leaks aren't mentioned."""
    images = draw_classes(tmp_path / "images")
    lines: list[str] = []
    split_folds(images, tmp_path / "out", FoldSettings(n_folds=2), lines.append)
    assert not [line for line in lines if line.startswith(("Leaks", "Copies"))]


def test_a_class_with_fewer_photos_than_folds_is_refused(tmp_path: Path) -> None:
    """Copies count once; nothing is written."""
    images = draw_with_copies(tmp_path / "images", per_class=6)
    with pytest.raises(BadInputError, match='"red" has 11 images, but only 5 different photos'):
        split_folds(images, tmp_path / "out", FoldSettings(n_folds=6), silent)
    assert list(tmp_path.iterdir()) == [images]


def test_one_class_alone_is_refused(tmp_path: Path) -> None:
    """As in any split, two classes are needed."""
    images = draw_classes(tmp_path / "images", names=("loro",))
    with pytest.raises(BadInputError, match="a classifier needs two or more"):
        split_folds(images, tmp_path / "out", FoldSettings(n_folds=2), silent)
