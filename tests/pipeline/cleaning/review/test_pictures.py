"""Small pictures: made once, kept by the hash of the photo, and never in the way."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from pipeline.cleaning.review.pictures import PictureCache
from tests.pipeline.drawing import draw_image


def test_a_picture_is_made_once_and_kept_by_the_hash_of_the_photo(tmp_path: Path) -> None:
    """The same photo under another name gets what was kept."""
    cache = PictureCache(tmp_path / "pictures")
    photo = draw_image(tmp_path / "a.png", colour=(200, 30, 30), seed=1, side_px=400)
    made = cache.picture(photo, side_px=256)
    assert made is not None
    assert Image.open(io.BytesIO(made)).size == (256, 256)
    (kept,) = (tmp_path / "pictures").iterdir()
    kept.write_bytes(b"kept")
    assert cache.picture(photo.rename(tmp_path / "b.png"), side_px=256) == b"kept"
    assert cache.picture(tmp_path / "b.png", side_px=64) != b"kept"


def test_a_changed_photo_has_another_picture(tmp_path: Path) -> None:
    """It does even under the same name."""
    cache = PictureCache(tmp_path / "pictures")
    photo = draw_image(tmp_path / "a.png", colour=(200, 30, 30), seed=1)
    before = cache.picture(photo, side_px=64)
    draw_image(photo, colour=(20, 30, 230), seed=1)
    assert cache.picture(photo, side_px=64) != before


def test_what_cannot_be_read_has_no_picture_and_is_tried_once(tmp_path: Path) -> None:
    """A text, an empty file, and one that is gone."""
    cache = PictureCache(tmp_path / "pictures")
    for name, content in (("text.png", b"<svg onload=x>"), ("empty.png", b"")):
        (tmp_path / name).write_bytes(content)
        assert [cache.picture(tmp_path / name, side_px=64) for _ in range(2)] == [None, None]
    assert cache.picture(tmp_path / "gone.png", side_px=64) is None
    assert {path.stat().st_size for path in (tmp_path / "pictures").iterdir()} == {0}


@pytest.mark.skipif(os.name == "nt", reason="a file can't stand for a folder that can't be made")
def test_a_disk_that_takes_nothing_still_has_pictures(tmp_path: Path) -> None:
    """They are made each time."""
    (tmp_path / "pictures").write_text("in the way")
    photo = draw_image(tmp_path / "a.png", colour=(200, 30, 30), seed=1)
    assert PictureCache(tmp_path / "pictures").picture(photo, side_px=64) is not None
