"""A class-per-folder tree is listed by names, and files are hashed by bytes."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from hidden_test_spec.images import display_name, is_image_name, list_images, sha256_of
from hidden_test_spec.spec import IMAGE_EXTENSIONS


def touch(root: Path, *names: str) -> None:
    """Make empty files and their folders."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def listed(root: Path) -> dict[str, list[str]]:
    """Names of the images by folder."""
    folder = list_images(root, extensions=IMAGE_EXTENSIONS)
    return {name: [path.name for path in paths] for name, paths in folder.images_by_folder}


def test_endings_count_in_any_case(tmp_path: Path) -> None:
    """Cameras write .JPG."""
    touch(tmp_path, "wren/a.JPG", "wren/b.Png", "wren/c.webp", "wren/d.jpeg", "wren/e.BMP")
    assert listed(tmp_path) == {"wren": ["a.JPG", "b.Png", "c.webp", "d.jpeg", "e.BMP"]}


def test_folders_and_images_are_sorted(tmp_path: Path) -> None:
    """The order doesn't depend on the disk."""
    touch(tmp_path, "wren/b.png", "robin/c.png", "wren/a.png")
    found = listed(tmp_path)
    assert list(found) == ["robin", "wren"]
    assert found["wren"] == ["a.png", "b.png"]


def test_a_folder_without_images_is_listed_as_empty(tmp_path: Path) -> None:
    """It is a class all the same."""
    (tmp_path / "wren").mkdir()
    assert listed(tmp_path) == {"wren": []}


def test_everything_else_is_an_other_file(tmp_path: Path) -> None:
    """Dot files and folders, files beside the classes, nested folders and other endings."""
    touch(tmp_path, "wren/a.png", "wren/.b.png", "wren/notes.txt", "wren/.png", "wren/png")
    touch(tmp_path, "beside.png", ".hidden/c.png", "wren/nested/d.png")
    folder = list_images(tmp_path, extensions=IMAGE_EXTENSIONS)
    assert folder.n_images == 1
    in_wren = ("wren/.b.png", "wren/.png", "wren/nested", "wren/notes.txt", "wren/png")
    assert folder.other_files == (".hidden", "beside.png", *in_wren)


def test_a_folder_named_like_an_image_is_no_image(tmp_path: Path) -> None:
    """Only files are images."""
    touch(tmp_path, "wren/album.png/a.png")
    assert listed(tmp_path) == {"wren": []}


def test_only_the_given_endings_count(tmp_path: Path) -> None:
    """A spec may allow fewer."""
    touch(tmp_path, "wren/a.png", "wren/b.jpg")
    folder = list_images(tmp_path, extensions=("jpg",))
    assert folder.n_images == 1
    assert folder.other_files == ("wren/a.png",)


def test_images_of_all_folders_are_counted(tmp_path: Path) -> None:
    """Two and one are three."""
    touch(tmp_path, "wren/a.png", "wren/b.png", "robin/a.png")
    assert list_images(tmp_path, extensions=IMAGE_EXTENSIONS).n_images == 3


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_utf8_is_listed_and_can_be_shown(tmp_path: Path) -> None:
    """The image keeps its path; the other file's name is shown with replacement characters."""
    (tmp_path / "wren").mkdir()
    for name in (b"\xff.png", b"\xff.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path / "wren") + b"/" + name)).touch()
    folder = list_images(tmp_path, extensions=IMAGE_EXTENSIONS)
    ((_, (image,)),) = folder.images_by_folder
    assert image.is_file()
    assert folder.other_files == ("wren/\ufffd.txt",)


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    """Callers say what it means for them."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        list_images(tmp_path / "nowhere", extensions=IMAGE_EXTENSIONS)


def test_a_name_that_can_be_written_is_shown_as_it_is() -> None:
    """Only undecodable bytes are replaced."""
    assert display_name("cigüeña 鳥.png") == "cigüeña 鳥.png"
    assert display_name("a\udcffb") == "a\ufffdb"


@pytest.mark.parametrize("name", ["png", ".png", ".a.png", "a.png.txt", "a", "a."])
def test_names_that_are_no_images(name: str) -> None:
    """An image has a visible name and an ending."""
    assert not is_image_name(name, extensions=IMAGE_EXTENSIONS)


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    """As 64 hexadecimal digits."""
    (tmp_path / "file").write_bytes(b"abc" * 100_000)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(b"abc" * 100_000).hexdigest()
