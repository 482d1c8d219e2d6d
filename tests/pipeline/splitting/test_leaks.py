"""Copies in two parts of a split, no matter who made it."""

from pathlib import Path

import pytest

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.quarantine.quarantine import default_quarantine
from pipeline.errors import BadInputError
from pipeline.splitting.leaks import LeakSearch, verify_split
from tests.pipeline.cleaning.deciding import opened, removal
from tests.pipeline.copying import mirrored_copy, smaller_copy
from tests.pipeline.drawing import draw_classes, draw_dataset, silent


def verified(root: Path) -> LeakSearch:
    """What is found in a data set."""
    return verify_split(root, silent, extensions=IMAGE_EXTENSIONS)


def test_a_clean_split_has_no_leaks(tmp_path: Path) -> None:
    """Every part is counted."""
    found = verified(draw_dataset(tmp_path))
    assert found.counts == (("test", 2), ("train", 12), ("val", 4))
    assert found.leaks == ()


def test_copies_between_parts_are_leaks(tmp_path: Path) -> None:
    """This includes other classes and mirror images, but not copies within a part."""
    root = draw_dataset(tmp_path)
    smaller_copy(root / "train/blue/0.png", root / "train/blue/again.png")
    smaller_copy(root / "train/blue/1.png", root / "val/green/strayed.png")
    mirrored_copy(root / "val/green/6.png", root / "test/green/turned.png")
    assert [str(leak) for leak in verified(root).leaks] == [
        '"test/green/turned.png", "val/green/6.png": a mirror image',
        '"train/blue/1.png", "val/green/strayed.png": nearly the same picture',
    ]


def test_parts_may_have_any_names(tmp_path: Path) -> None:
    """Folders without images in class folders are not parts."""
    for name in ("learn", "judge"):
        draw_classes(tmp_path / name, per_class=2)
    (tmp_path / "notes" / "old" / "1").mkdir(parents=True)
    found = verified(tmp_path)
    assert found.counts == (("judge", 6), ("learn", 6))
    assert len(found.leaks) == 6


def test_a_quarantine_beside_a_part_is_none(tmp_path: Path) -> None:
    """Its pictures show the same as those of a part; it is named as left out."""
    root = draw_dataset(tmp_path)
    trees = Trees(images=root / "train", quarantine=default_quarantine(root / "train"))
    with opened(trees) as quarantine:
        quarantine.apply([removal("blue/0.png")])
    smaller_copy(root / "val/blue/6.png", root / "val/blue/small.png")
    (trees.quarantine / "pictures").mkdir()
    (root / "val/blue/small.png").rename(trees.quarantine / "pictures" / "1.png")
    lines: list[str] = []
    found = verify_split(root, lines.append, extensions=IMAGE_EXTENSIONS)
    assert found.counts == (("test", 2), ("train", 11), ("val", 4))
    assert found.leaks == ()
    assert lines[0] == 'Left out, since removed photos are kept there: "train-quarantine"'


def test_of_folds_one_must_be_chosen(tmp_path: Path) -> None:
    """They are named, since each is a separate data set."""
    for number in (1, 2):
        draw_dataset(tmp_path / f"fold {number}")
    with pytest.raises(BadInputError, match='use one of them: "fold 1", "fold 2"'):
        verified(tmp_path)


def test_a_folder_of_class_folders_is_no_data_set(tmp_path: Path) -> None:
    """The advice says which folder to use."""
    root = draw_classes(tmp_path)
    with pytest.raises(BadInputError, match="use the folder that contains the parts"):
        verified(root)


def test_what_cannot_be_decoded_is_told_of_and_compared_by_its_bytes(tmp_path: Path) -> None:
    """A damaged photo that was copied is also a leak."""
    root = draw_dataset(tmp_path)
    for part in ("train", "val"):
        (root / part / "blue" / "broken.png").write_bytes(b"no image")
    lines: list[str] = []
    found = verify_split(root, lines.append, extensions=IMAGE_EXTENSIONS)
    assert [leak.kinds for leak in found.leaks] == [("same_file",)]
    assert 'Note: "val/blue/broken.png" can\'t be read and is compared by its bytes only' in lines
