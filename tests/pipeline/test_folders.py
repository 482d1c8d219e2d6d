"""Class folders, and new folders that appear whole or not at all."""

import errno
import unicodedata
from pathlib import Path

import pytest

from hidden_test_spec.spec import IMAGE_EXTENSIONS, ClassSpec, Criterion, Limits, Rubric, Spec
from pipeline.errors import BadInputError, FileAccessError, UsageError
from pipeline.folders import (
    check_new,
    check_outside,
    class_count_faults,
    list_class_folders,
    new_folder,
    spec_faults,
)
from tests.pipeline.drawing import draw_classes

SPEC = Spec(
    name="birds",
    version="1.0.0",
    classes=(
        ClassSpec(label="cigüeña", aliases=("stork",), queries=("stork",)),
        ClassSpec(label="loro", queries=("parrot",)),
    ),
    limits=Limits(max_images=5),
    rubric=Rubric(criteria=(Criterion(rule="accuracy >= 0.5", points=1),)),
)


def spec_faults_of(root: Path) -> list[str]:
    """Where a folder differs from the spec above."""
    return spec_faults(list_class_folders(root, extensions=IMAGE_EXTENSIONS), SPEC)


def count_faults_of(root: Path) -> list[str]:
    """What is wrong with a folder's number of classes."""
    return class_count_faults(list_class_folders(root, extensions=IMAGE_EXTENSIONS))


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """The path is named, and the advice is to check it."""
    with pytest.raises(
        BadInputError, match=r"\n  - there is no such folder; check the path\n.*nowhere"
    ):
        list_class_folders(tmp_path / "nowhere", extensions=IMAGE_EXTENSIONS)


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    """The path of a file is not mistaken for an empty folder."""
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(BadInputError, match="it is a file; use the folder that contains it"):
        list_class_folders(tmp_path / "photo.jpg", extensions=IMAGE_EXTENSIONS)


def test_a_folder_without_class_folders_is_at_fault(tmp_path: Path) -> None:
    """Images directly in the folder have no class."""
    (tmp_path / "photo.jpg").touch()
    assert count_faults_of(tmp_path) == [
        "it holds no class folders; put the images of each class in a separate folder"
    ]


def test_one_class_alone_is_at_fault(tmp_path: Path) -> None:
    """The only class is named."""
    draw_classes(tmp_path, per_class=1, names=("loro",))
    assert count_faults_of(tmp_path) == [
        'it has only one class, "loro"; a classifier needs two or more'
    ]


def test_folders_that_match_a_spec_have_no_faults(tmp_path: Path) -> None:
    """Aliases, case and decomposed letters (as macOS writes them) count as the class."""
    names = (unicodedata.normalize("NFD", "Cigüeña"), "stork", "loro")
    draw_classes(tmp_path, per_class=1, names=names)
    assert spec_faults_of(tmp_path) == []


def test_all_differences_from_a_spec_are_found_at_once(tmp_path: Path) -> None:
    """A folder in no class, a class without a folder, and too many images are three faults."""
    draw_classes(tmp_path, per_class=3, names=("loro", "pato"))
    assert spec_faults_of(tmp_path) == [
        '"pato" is not a class of the spec "birds"; rename or remove it',
        'the class "cigüeña" of the spec "birds" has no folder; add it',
        'it holds 6 images, and the spec "birds" allows 5; remove some',
    ]


def test_a_free_name_and_an_empty_folder_can_be_used(tmp_path: Path) -> None:
    """Neither would lose anything."""
    check_new(tmp_path / "free")
    check_new(tmp_path)


@pytest.mark.parametrize("taken", ["file", "folder"])
def test_nothing_is_overwritten(tmp_path: Path, taken: str) -> None:
    """A file, or a folder that holds something, keeps its name."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "work").touch()
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match=f'already exists and is not an empty(?s:.)*{taken}"'):
        check_new(tmp_path / taken)


def test_an_output_among_the_images_is_refused(tmp_path: Path) -> None:
    """It would look like one more class."""
    with pytest.raises(UsageError, match="lies inside the images' folder"):
        check_outside(tmp_path / "images" / "split", tmp_path / "images")


def test_an_output_beside_the_images_is_allowed(tmp_path: Path) -> None:
    """Folders whose names only begin alike are different folders."""
    check_outside(tmp_path / "images-split", tmp_path / "images")


def test_a_new_folder_appears_when_it_is_finished(tmp_path: Path) -> None:
    """Before that, the name is free; after it, nothing else is left beside it."""
    out = tmp_path / "deep" / "out"
    with new_folder(out) as partial:
        (partial / "file").write_text("whole", "utf-8")
        assert not out.exists()
    assert (out / "file").read_text("utf-8") == "whole"
    assert list(out.parent.iterdir()) == [out]


def test_a_new_folder_takes_the_place_of_an_empty_one(tmp_path: Path) -> None:
    """An empty folder made beforehand is no obstacle."""
    with new_folder(tmp_path / "out") as partial:
        (tmp_path / "out").mkdir()
        (partial / "file").touch()
    assert (tmp_path / "out" / "file").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_unfinished_folder_is_removed(tmp_path: Path, error: type[BaseException]) -> None:
    """Ctrl-C and errors leave nothing half-done, under any name."""

    def fill_and_stop() -> None:
        with new_folder(tmp_path / "out") as partial:
            (partial / "file").touch()
            raise error("stop")

    with pytest.raises(error, match="stop"):
        fill_and_stop()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_this_machines_fault(tmp_path: Path) -> None:
    """The message has the system's reason and the folder."""
    with (
        pytest.raises(
            FileAccessError, match=r"No space left on device(?s:.)*out\"(?s:.)*disk has room"
        ),
        new_folder(tmp_path / "out"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
