"""Copies of one photo, in groups."""

from pathlib import Path

import pytest

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.copies import CopyGroup, find_copies, hash_images
from pipeline.errors import FileAccessError
from pipeline.folders import list_class_folders
from tests.pipeline.copying import draw_with_copies
from tests.pipeline.drawing import draw_classes


def copies_in(root: Path) -> tuple[CopyGroup, ...]:
    """The groups of a tree."""
    return find_copies(list_class_folders(root, extensions=IMAGE_EXTENSIONS))


def test_each_photo_that_stands_twice_is_a_group(tmp_path: Path) -> None:
    """With its images, its classes and how they are copies."""
    root = draw_with_copies(tmp_path)
    groups = {frozenset(path.name for path in group.images): group for group in copies_in(root)}
    assert len(groups) == 5
    strayed = groups[frozenset({"red 0.png", "again 0.png", "strayed.png"})]
    assert strayed.labels == ("blue", "red")
    assert set(strayed.kinds) == {"near", "mirrored"}
    single = groups[frozenset({"red 1.png", "again 1.png"})]
    assert (single.labels, single.kinds) == (("red",), ("near",))


def test_different_images_are_in_no_group(tmp_path: Path) -> None:
    """Images of one colour that differ in their noise are different photos."""
    assert copies_in(draw_classes(tmp_path, per_class=20)) == ()


def test_an_image_that_vanishes_is_an_error(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(FileAccessError, match=r"gone\.png"):
        hash_images([tmp_path / "gone.png"])
