"""What is divided among the parts: photos with all their copies."""

import sys
from pathlib import Path

import pytest

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.copies import CopyGroup
from pipeline.errors import MissingLibraryError
from pipeline.folders import list_class_folders
from pipeline.splitting.dividing import divide, part_faults
from pipeline.splitting.settings import DOCUMENT_RATIO, SplitSettings
from tests.pipeline.drawing import draw_classes


def group_of(*paths: Path) -> CopyGroup:
    """A group of images that are declared to show one photo."""
    return CopyGroup(images=paths, kinds=("near",))


@pytest.mark.parametrize("seed", range(8))
def test_copies_are_never_apart(tmp_path: Path, seed: int) -> None:
    """They stay together with any seed; copies in two classes are in train."""
    root = draw_classes(tmp_path, per_class=12)
    listing = list_class_folders(root, extensions=IMAGE_EXTENSIONS)
    red, blue = sorted((root / "red").iterdir()), sorted((root / "blue").iterdir())
    groups = [group_of(*red[:3]), group_of(red[4], red[9]), group_of(red[5], blue[2], blue[3])]
    parts = divide(listing, SplitSettings(seed=seed), groups)
    assert all(len({parts[path] for path in group.images}) == 1 for group in groups)
    assert {parts[path] for path in groups[2].images} == {"train"}
    assert sorted(parts) == sorted(root.rglob("*.png"))


def test_a_group_counts_as_one_photo(tmp_path: Path) -> None:
    """Ten photos are divided 7, 1, 2, however many images some of them have."""
    root = draw_classes(tmp_path, per_class=12)
    listing = list_class_folders(root, extensions=IMAGE_EXTENSIONS)
    red = sorted((root / "red").iterdir())
    parts = divide(listing, SplitSettings(), [group_of(*red[:3])])
    photos = [part for path, part in parts.items() if path in red and path not in red[:2]]
    assert [photos.count(part) for part in ("train", "val", "test")] == [7, 1, 2]


def test_without_split_folders_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes with the extra that training needs."""
    monkeypatch.setitem(sys.modules, "splitfolders", None)
    listing = list_class_folders(draw_classes(tmp_path), extensions=IMAGE_EXTENSIONS)
    with pytest.raises(
        MissingLibraryError, match=r"^splitfolders is (?s:.)*grader\[pipeline\]"
    ) as caught:
        divide(listing, SplitSettings(), ())
    assert caught.value.exit_code == 6


def test_too_few_different_photos_are_a_fault(tmp_path: Path) -> None:
    """Images are counted with and without their copies; those in two classes don't count."""
    root = draw_classes(tmp_path, per_class=9, names=("loro", "pato"))
    listing = list_class_folders(root, extensions=IMAGE_EXTENSIONS)
    loro, pato = sorted((root / "loro").iterdir()), sorted((root / "pato").iterdir())
    groups = [group_of(*loro[:2]), group_of(loro[3], loro[4], pato[0])]
    assert part_faults(listing, DOCUMENT_RATIO) == []
    fault = (
        '"loro" has 9 images, but only 6 different photos that no other class has, and needs at '
        "least 7, so that train, val and test all get one; add images, change --ratio or use "
        "--strict-document"
    )
    assert part_faults(listing, DOCUMENT_RATIO, groups) == [fault]
