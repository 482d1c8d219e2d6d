"""A thumbnail shows the file that was graded, oriented as stored, and nothing else."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grader.reports.html import thumbnails as module
from grader.reports.html.thumbnails import Budget, Thumbnail, thumbnail_of, thumbnails
from grader.results.report import ImageRecord
from hidden_test_spec.images import sha256_of
from tests.factories import draw_image

ORIENTATION = 0x0112


def record(root: Path, name: str) -> ImageRecord:
    """What a report knows of a file in the folder."""
    return ImageRecord(name=name, label="robin", sha256=sha256_of(root / name), unreadable=None)


def opened(thumbnail: Thumbnail) -> Image.Image:
    """The picture in the data URI."""
    start = "data:image/webp;base64,"
    assert thumbnail.uri.startswith(start)
    return Image.open(io.BytesIO(base64.b64decode(thumbnail.uri.removeprefix(start))))


def test_a_thumbnail_is_small_and_keeps_the_proportions(tmp_path: Path) -> None:
    """Its longer side is 112 pixels."""
    Image.new("RGB", (400, 200), "teal").save(tmp_path / "wide.png")
    picture = opened(thumbnail_of(tmp_path, record(tmp_path, "wide.png")))
    assert picture.size == (112, 56)


def test_a_small_image_is_not_blown_up(tmp_path: Path) -> None:
    """Eight pixels stay eight."""
    draw_image(tmp_path / "small.png")
    assert opened(thumbnail_of(tmp_path, record(tmp_path, "small.png"))).size == (8, 8)


def test_a_photo_lies_as_in_its_file_and_loses_its_metadata(tmp_path: Path) -> None:
    """EXIF asks for a rotation, which fastai doesn't do; neither EXIF nor the profile is kept."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = Image.new("RGB", (64, 32), "red")
    photo.paste("blue", (32, 0, 64, 32))
    photo.save(tmp_path / "turned.jpg", exif=exif, icc_profile=b"profile", comment=b"where it was")
    picture = opened(thumbnail_of(tmp_path, record(tmp_path, "turned.jpg")))
    assert picture.size == (64, 32)
    left, right = np.asarray(picture.convert("RGB"))[16, [4, 60]].astype(int)
    assert left[0] - left[2] > 140
    assert right[2] - right[0] > 140
    assert dict(picture.getexif()) == {}
    assert not {"icc_profile", "exif", "comment", "xmp"} & picture.info.keys()


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_colour(tmp_path: Path, mode: str) -> None:
    """Grey, palettes, transparency, print colours and 16 bits."""
    name = "picture.tif" if mode == "CMYK" else "picture.png"
    Image.new(mode, (9, 9)).save(tmp_path / name)
    assert opened(thumbnail_of(tmp_path, record(tmp_path, name))).mode == "RGB"


def test_another_file_of_the_same_name_is_not_shown(tmp_path: Path) -> None:
    """The hash says that it isn't what was graded."""
    draw_image(tmp_path / "a.png", seed=1)
    graded = record(tmp_path, "a.png")
    draw_image(tmp_path / "a.png", seed=2)
    assert thumbnail_of(tmp_path, graded) == Thumbnail(state="changed")


@pytest.mark.parametrize("name", ["gone.png", "folder", "nul\x00.png", "long" * 200, ""])
def test_what_is_no_file_is_missing(tmp_path: Path, name: str) -> None:
    """So is a folder, or a name that no file can have."""
    (tmp_path / "folder").mkdir()
    image = ImageRecord(name=name, label="robin", sha256="0" * 64, unreadable=None)
    assert thumbnail_of(tmp_path, image) == Thumbnail(state="missing")


@pytest.mark.parametrize("name", ["../secret.png", "robin/../../secret.png", "{absolute}"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Even if it knows the hash of what lies there."""
    photos = tmp_path / "photos"
    (photos / "robin").mkdir(parents=True)
    secret = draw_image(tmp_path / "secret.png")
    found = replace(record(tmp_path, "secret.png"), name=name.format(absolute=secret))
    assert thumbnail_of(photos, found) == Thumbnail(state="missing")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40])
def test_a_broken_file_gives_no_thumbnail(tmp_path: Path, content: bytes) -> None:
    """It says so instead."""
    (tmp_path / "broken.png").write_bytes(content)
    assert thumbnail_of(tmp_path, record(tmp_path, "broken.png")) == Thumbnail(state="broken")


def test_a_cut_photo_gives_no_thumbnail(tmp_path: Path) -> None:
    """Half a photo isn't shown as if it were one."""
    whole = draw_image(tmp_path / "whole.png", side_px=64).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    assert thumbnail_of(tmp_path, record(tmp_path, "cut.png")) == Thumbnail(state="broken")


@pytest.mark.parametrize("side_px", [8_000, 20_000])
def test_a_decompression_bomb_is_not_unpacked(tmp_path: Path, side_px: int) -> None:
    """Whether PIL would only warn about it, refuse it, or say nothing."""
    Image.new("1", (side_px, side_px)).save(tmp_path / "bomb.png")
    assert thumbnail_of(tmp_path, record(tmp_path, "bomb.png")) == Thumbnail(state="broken")


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if its hash is right."""
    draw_image(tmp_path / "a.png")
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 10)
    assert thumbnail_of(tmp_path, record(tmp_path, "a.png")) == Thumbnail(state="missing")


def test_the_budget_goes_to_those_that_come_first(tmp_path: Path) -> None:
    """In the order given; the others are left out."""
    names = [f"{number}.png" for number in range(4)]
    for seed, name in enumerate(names):
        draw_image(tmp_path / name, seed=seed)
    images = [record(tmp_path, name) for name in names]
    made = thumbnails(tmp_path, images, order=[3, 1, 0, 2], budget=Budget(n_photos=2))
    assert [one.state for one in made] == ["left_out", "shown", "left_out", "shown"]


def test_the_budget_counts_what_stands_in_the_page(tmp_path: Path) -> None:
    """It counts characters of data URIs, and ends before the first photo that exceeds it."""
    for seed in range(3):
        draw_image(tmp_path / f"{seed}.png", seed=seed)
    images = [record(tmp_path, f"{seed}.png") for seed in range(3)]
    whole = thumbnails(tmp_path, images, order=range(3), budget=Budget())
    n_bytes = len(whole[0].uri) + len(whole[1].uri)
    enough = thumbnails(tmp_path, images, order=range(3), budget=Budget(n_bytes=n_bytes))
    short = thumbnails(tmp_path, images, order=range(3), budget=Budget(n_bytes=n_bytes - 1))
    assert [one.state for one in enough] == ["shown", "shown", "left_out"]
    assert [one.state for one in short] == ["shown", "left_out", "left_out"]


def test_files_that_are_not_shown_cost_nothing_of_the_budget(tmp_path: Path) -> None:
    """A missing one doesn't take the place of the next."""
    draw_image(tmp_path / "a.png")
    here = record(tmp_path, "a.png")
    made = thumbnails(
        tmp_path, [replace(here, name="gone.png"), here], order=[0, 1], budget=Budget(n_photos=1)
    )
    assert [one.state for one in made] == ["missing", "shown"]


@pytest.mark.parametrize("folder", [None, "nowhere"])
def test_without_a_folder_every_image_says_so(tmp_path: Path, folder: str | None) -> None:
    """No folder was given, or it isn't on this machine."""
    image = ImageRecord(name="a.png", label="robin", sha256="0" * 64, unreadable=None)
    photos = None if folder is None else tmp_path / folder
    made = thumbnails(photos, [image, image], order=[0, 1], budget=Budget())
    assert made == (Thumbnail(state="no_folder"),) * 2
