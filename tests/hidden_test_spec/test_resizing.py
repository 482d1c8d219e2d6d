from PIL import Image

from acceptance.pillow_bytes import digest_of, picture_of
from hidden_test_spec.resizing import resized, resizing_in_order

# Of 50 x 60 pixels at 16 x 200, bilinear: from the table of stored bytes.
UPRIGHT, TARGET = (50, 60), (16, 200)


def test_other_libraries_resize_in_this_order_inside_the_block() -> None:
    """And outside of it as before."""
    plain = Image.Image.resize
    picture = picture_of("RGB", UPRIGHT)
    with resizing_in_order():
        found = picture.resize(TARGET, Image.Resampling.BILINEAR)
    assert digest_of(found) == "d80f2717a420b0f5"
    assert Image.Image.resize is plain


def test_a_box_or_another_option_is_left_to_pillow() -> None:
    """Such a resizing isn't one of fastai's."""
    picture = picture_of("L", UPRIGHT)
    expected = picture.resize((9, 9), Image.Resampling.BOX, (1, 2, 30, 40))
    with resizing_in_order():
        found = picture.resize((9, 9), Image.Resampling.BOX, (1, 2, 30, 40))
    assert found.tobytes() == expected.tobytes()


def test_a_picture_without_pixels_becomes_black() -> None:
    """As Pillow makes it; fastai can cut such a picture out of one that is a line."""
    empty = Image.new("RGB", (5, 1), "white").crop((0, 1, 5, 1))
    assert set(resized(empty, (4, 3), None).tobytes()) == {0}
