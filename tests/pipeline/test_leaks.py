"""Copies that stand on two sides of a split that anyone made."""

from pathlib import Path

import pytest

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.errors import BadFolderError
from pipeline.leaks import Verification, verify_split
from tests.pipeline.copying import mirrored_copy, smaller_copy
from tests.pipeline.drawing import draw_classes, draw_dataset, silent


def verified(root: Path) -> Verification:
    """What is found in a data set."""
    return verify_split(root, silent, extensions=IMAGE_EXTENSIONS)


def test_a_clean_split_has_no_leaks(tmp_path: Path) -> None:
    """Every part is counted."""
    found = verified(draw_dataset(tmp_path))
    assert found.counts == (("test", 2), ("train", 12), ("val", 4))
    assert found.leaks == ()


def test_copies_between_parts_are_leaks(tmp_path: Path) -> None:
    """Also across classes and mirrored; copies within a part are none."""
    root = draw_dataset(tmp_path)
    smaller_copy(root / "train/blue/0.png", root / "train/blue/again.png")
    smaller_copy(root / "train/blue/1.png", root / "val/green/strayed.png")
    mirrored_copy(root / "val/green/6.png", root / "test/green/turned.png")
    assert [str(leak) for leak in verified(root).leaks] == [
        '"test/green/turned.png", "val/green/6.png": a mirror image',
        '"train/blue/1.png", "val/green/strayed.png": nearly the same picture',
    ]


def test_parts_may_have_any_names(tmp_path: Path) -> None:
    """Folders without images in class folders, such as a quarantine, are no parts."""
    for name in ("learn", "judge"):
        draw_classes(tmp_path / name, per_class=2)
    (tmp_path / "judge-quarantine" / "removed" / "1").mkdir(parents=True)
    found = verified(tmp_path)
    assert found.counts == (("judge", 6), ("learn", 6))
    assert len(found.leaks) == 6


def test_a_folder_of_class_folders_is_no_data_set(tmp_path: Path) -> None:
    """The advice is which folder to give."""
    root = draw_classes(tmp_path)
    with pytest.raises(BadFolderError, match="give the folder around the parts"):
        verified(root)


def test_what_cannot_be_decoded_is_told_of_and_compared_by_its_bytes(tmp_path: Path) -> None:
    """A damaged photo that was copied is a leak, too."""
    root = draw_dataset(tmp_path)
    for part in ("train", "val"):
        (root / part / "blue" / "broken.png").write_bytes(b"no image")
    lines: list[str] = []
    found = verify_split(root, lines.append, extensions=IMAGE_EXTENSIONS)
    assert [leak.kinds for leak in found.leaks] == [("same_file",)]
    assert 'Note: "val/blue/broken.png" can\'t be read and is compared by its bytes only' in lines
