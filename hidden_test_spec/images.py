"""Listing the images of a class-per-folder tree, and hashing them. Reads names and bytes only."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFolder:
    """What a tree DIR/<folder>/<image> holds.

    Attributes:
        root: The tree's top folder.
        images_by_folder: (folder name, paths of its images), both sorted; a folder may be empty.
        other_files: Everything that is not an image in a class folder, relative to the root,
            sorted.
    """

    root: Path
    images_by_folder: tuple[tuple[str, tuple[Path, ...]], ...]
    other_files: tuple[str, ...]

    @property
    def n_images(self) -> int:
        """How many images there are in all folders together."""
        return sum(len(images) for _, images in self.images_by_folder)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The images of all folders, in the order of the listing."""
        return tuple(path for _, images in self.images_by_folder for path in images)


def list_images(root: Path, *, extensions: tuple[str, ...]) -> ImageFolder:
    """List a folder of class folders.

    Args:
        root: An existing folder.
        extensions: Endings that mark an image, lower case, without the dot; compared in any case.

    Returns:
        The listing. Folders whose name starts with a dot, files beside the class folders and
        folders inside them count as other files.

    Raises:
        OSError: If the folder can't be read.
    """
    folders: list[tuple[str, tuple[Path, ...]]] = []
    other: list[str] = []
    for entry in sorted(root.iterdir()):
        if entry.name.startswith(".") or not entry.is_dir():
            other.append(display_name(entry.name))
            continue
        images = []
        for path in sorted(entry.iterdir()):
            if path.is_file() and is_image_name(path.name, extensions=extensions):
                images.append(path)
            else:
                other.append(display_name(f"{entry.name}/{path.name}"))
        folders.append((entry.name, tuple(images)))
    return ImageFolder(root=root, images_by_folder=tuple(folders), other_files=tuple(other))


def display_name(name: str) -> str:
    """A file's name as text that can be written anywhere; bytes that are not UTF-8 become �."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def is_image_name(name: str, *, extensions: tuple[str, ...]) -> bool:
    """Whether a file name is visible and ends like an image, in any case."""
    stem, _, ending = name.rpartition(".")
    return bool(stem) and not name.startswith(".") and ending.lower() in extensions


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits.

    Raises:
        OSError: If the file can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
