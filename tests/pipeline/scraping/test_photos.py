"""What bytes from the web really are."""

import base64
import warnings
from io import BytesIO

import imagehash
import pytest
from PIL import Image

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.scraping.photos import embedded, inspect_photo
from pipeline.scraping.refusals import Reason, RefusedError
from tests.pipeline.scraping.web.photos import bomb, photo


@pytest.mark.parametrize(
    ("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("BMP", "bmp")]
)
def test_the_ending_is_that_of_the_content(kind: str, ending: str) -> None:
    """Size and perceptual hash are Pillow's and imagehash's own."""
    body = photo(1, kind=kind)
    found = inspect_photo(body, min_side_px=100, extensions=IMAGE_EXTENSIONS)
    assert (found.ending, found.width_px, found.height_px) == (ending, 160, 120)
    assert found.phash == str(imagehash.phash(Image.open(BytesIO(body))))


def test_a_phone_picture_with_a_second_image_is_a_jpeg() -> None:
    """Pillow calls the format MPO."""
    file, first = BytesIO(), Image.open(BytesIO(photo(1)))
    first.save(file, "MPO", save_all=True, append_images=[first])
    found = inspect_photo(file.getvalue(), min_side_px=1, extensions=IMAGE_EXTENSIONS)
    assert found.ending == "jpg"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\n <!DOCTYPE html><html></html>", Reason.NO_IMAGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Reason.NO_IMAGE),
        (b"", Reason.NO_IMAGE),
        (b"GIF89a" + bytes(20), Reason.NO_IMAGE),
        (photo(1)[:-700], Reason.BROKEN),
        (photo(1, kind="PNG")[:-700], Reason.BROKEN),
        (photo(1, size=(300, 20)), Reason.TOO_SMALL),
        (bomb(), Reason.BOMB),
    ],
)
def test_what_is_no_whole_photo_is_refused(body: bytes, reason: Reason) -> None:
    """The error has the reason, and nothing is written."""
    with pytest.raises(RefusedError, match=reason.value) as refused:
        inspect_photo(body, min_side_px=100, extensions=IMAGE_EXTENSIONS)
    assert (refused.value.reason, refused.value.is_temporary) == (reason, False)


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    """Also where Pillow itself would only warn, and nobody listens to warnings."""
    blank = BytesIO()
    Image.new("1", (9_000, 9_000)).save(blank, "PNG")
    refused = pytest.raises(RefusedError, match=r"too many pixels: 9000 x 9000")
    with warnings.catch_warnings(action="ignore"), refused:
        inspect_photo(blank.getvalue(), min_side_px=1, extensions=IMAGE_EXTENSIONS)


def test_only_wanted_formats_are_taken() -> None:
    """A spec whose test has JPEG only gets JPEG only."""
    with pytest.raises(RefusedError, match="not an image of a wanted format"):
        inspect_photo(photo(1, kind="PNG"), min_side_px=1, extensions=("jpg", "jpeg"))


def test_a_data_address_holds_its_photo() -> None:
    """It may be in base64, or plain with escapes."""
    body = photo(1)
    assert embedded(f"data:image/jpeg;base64,{base64.b64encode(body).decode()}") == body
    assert embedded("data:text/plain,a%20b") == b"a b"


@pytest.mark.parametrize("url", ["data:image/jpeg;base64,%%%", "data:image/jpeg"])
def test_a_data_address_without_data_is_refused(url: str) -> None:
    """It is a refusal, not an error of the scrape."""
    with pytest.raises(RefusedError, match="the data: address"):
        embedded(url)
