from pathlib import Path

import numpy as np
import pytest
from fastai.vision.core import PILImage, PILImageBW
from PIL import Image, ImageOps

from acceptance.pillow_bytes import digest_of, picture_of
from grader.errors import ModelRefusedError, UnreadableImageError
from grader.images.picture_steps import resize_image
from grader.results.preprocessing import (
    ImageMode,
    ImageStep,
    PadMode,
    Preprocessing,
    ResizeImage,
    ResizeMethod,
    Size,
)
from tests.grader.pictures import read_picture


def plan(*steps: ImageStep, mode: ImageMode = "RGB") -> Preprocessing:
    """A plan of steps on the picture only."""
    return Preprocessing(mode=mode, image_steps=steps, tensor_steps=(), batch_steps=(), left_out=())


def resize(
    size: Size,
    *,
    method: ResizeMethod = "pad",
    pad_mode: PadMode = "zeros",
    skips_single_pixel: bool = False,
) -> ResizeImage:
    """A bilinear resizing."""
    return ResizeImage(
        size=size,
        method=method,
        pad_mode=pad_mode,
        resample=Image.Resampling.BILINEAR,
        skips_single_pixel=skips_single_pixel,
    )


@pytest.mark.parametrize("opener", [PILImage, PILImageBW])
def test_files_are_read_as_fastai_reads_them(pictures: tuple[Path, ...], opener: type) -> None:
    """Pixel by pixel, whatever the mode of the file."""
    for path in pictures:
        expected = opener.create(path)  # type: ignore[attr-defined] # fastai has no types
        found = read_picture(path, plan(mode=expected.mode))
        assert (found.mode, found.size) == (expected.mode, tuple(expected.size))
        assert found.tobytes() == expected.tobytes()


def test_the_orientation_in_a_file_is_ignored(pictures: tuple[Path, ...]) -> None:
    """As fastai ignores it, so a photo stays as the network saw such photos."""
    path = next(path for path in pictures if path.name == "turned.jpg")
    found = read_picture(path, plan())
    with Image.open(path) as file:
        assert ImageOps.exif_transpose(file).size == found.size[::-1]


@pytest.mark.parametrize(
    "content",
    [b"", b"no image at all", b"\x89PNG\r\n\x1a\n" + bytes(40), b"BM" + b"\xff" * 60],
)
def test_a_file_that_is_no_image_is_unreadable(tmp_path: Path, content: bytes) -> None:
    """It has a reason, and doesn't end the run."""
    path = tmp_path / "image.png"
    path.write_bytes(content)
    with pytest.raises(UnreadableImageError, match=r"identify|[Tt]runcated"):
        read_picture(path, plan())


def test_a_file_that_ends_early_is_unreadable(pictures: tuple[Path, ...], tmp_path: Path) -> None:
    """Rather than grey where pixels are missing."""
    photo = next(path for path in pictures if path.suffix == ".jpg")
    path = tmp_path / "image.jpg"
    path.write_bytes(photo.read_bytes()[:900])
    with pytest.raises(UnreadableImageError, match="truncated"):
        read_picture(path, plan())


def test_a_decompression_bomb_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PIL refuses what has more than twice the pixels that it takes for large."""
    Image.new("RGB", (60, 60)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(UnreadableImageError, match="decompression bomb"):
        read_picture(tmp_path / "bomb.png", plan())


def test_resizing_gives_the_stored_bytes_of_older_pillows() -> None:
    """On every Pillow that is allowed, for every filter, wide and tall pictures, up and down."""
    table = Path(__file__).with_name("resized_by_pillow.tsv").read_text("ascii").splitlines()[1:]
    differing = []
    for line in table:
        mode, size, target, chosen, digest = line.split("\t")
        step = squish(sides_of(target), resample=int(chosen))
        found = resize_image(picture_of(mode, sides_of(size)), plan(step))
        differing += [line] if digest_of(found) != digest else []
    assert len(table) == 336
    assert differing == []


def sides_of(text: str) -> Size:
    """Width and height, as the table writes them."""
    width, height = map(int, text.split("x"))
    return width, height


def squish(size: Size, *, resample: int) -> ResizeImage:
    """A resizing that changes the proportions."""
    return ResizeImage(
        size=size, method="squish", pad_mode="zeros", resample=resample, skips_single_pixel=False
    )


def test_one_pixel_is_padded_since_version_2_5_2_of_fastai() -> None:
    """By hand: 4 x 3 pixels lack one row, which goes to the bottom; older versions squish."""
    pixels = np.full((3, 4), 200, dtype=np.uint8)
    picture = Image.fromarray(pixels)
    padded = resize_image(picture, plan(resize((4, 4)), mode="L"))
    assert np.asarray(padded).tolist() == [[200] * 4] * 3 + [[0] * 4]
    squished = resize_image(picture, plan(resize((4, 4), skips_single_pixel=True), mode="L"))
    assert np.asarray(squished).tolist() == [[200] * 4] * 4


def test_more_than_one_pixel_is_padded_in_every_version() -> None:
    """By hand: 4 x 1 pixels lack three rows, one above and two below."""
    picture = Image.fromarray(np.full((1, 4), 200, dtype=np.uint8))
    for skips_single_pixel in (False, True):
        step = resize((4, 4), skips_single_pixel=skips_single_pixel)
        padded = resize_image(picture, plan(step, mode="L"))
        assert np.asarray(padded).tolist() == [[0] * 4, [200] * 4, [0] * 4, [0] * 4]


def test_padding_may_not_make_a_giant_of_a_picture() -> None:
    """A size of 4096 x 1 would pad 600 x 400 pixels to more than a thousand million."""
    step = resize((1, 4096))
    with pytest.raises(ModelRefusedError, match="600 x 400 pixels to 600 x 2457600"):
        resize_image(Image.new("RGB", (600, 400)), plan(step))
