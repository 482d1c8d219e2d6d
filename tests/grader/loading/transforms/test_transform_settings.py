import struct

import pytest

from grader.loading.inert.nodes import ListNode, Node, StorageNode, TensorNode
from grader.loading.transforms.transform_settings import Settings, UnknownSettingError

FOUR = StorageNode("0", "float32", 4, memoryview(struct.pack("<4f", 1, 2, 3, 4)))
CHANNELS = ((3, 1, 1), (1, 3, 1, 1))


def tensor(shape: tuple[int, ...], strides: tuple[int, ...]) -> TensorNode:
    """A view of the numbers 1, 2, 3 and 4."""
    return TensorNode(
        storage=FOUR,
        dtype="float32",
        offset=0,
        shape=shape,
        strides=strides,
    )


def test_channels_take_one_number_or_one_each() -> None:
    """In the shapes that lie along the channels."""
    settings = Settings(
        {
            "each": tensor((1, 3, 1, 1), (3, 1, 1, 1)),
            "all": tensor((1,), (1,)),
            "number": 0.5,
            "none": tensor((0,), (1,)),
        }
    )
    assert settings.channel_values("each", shapes=CHANNELS) == (1, 2, 3)
    assert settings.channel_values("all", shapes=CHANNELS) == (1,)
    assert settings.channel_values("number", shapes=CHANNELS) == (0.5,)
    with pytest.raises(UnknownSettingError, match="shape"):
        settings.channel_values("each", shapes=((3, 1, 1),))
    with pytest.raises(UnknownSettingError, match="whose none"):
        settings.channel_values("none", shapes=CHANNELS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(8, (8, 8)), ((4, 5), (4, 5)), (ListNode([4, 5]), (4, 5)), ((4096, 1024), (4096, 1024))],
)
def test_a_size_is_one_side_or_two(value: Node, expected: tuple[int, int]) -> None:
    """In a tuple or a list, up to the limits."""
    assert Settings({"size": value}).size("size") == expected


@pytest.mark.parametrize("value", [4096, (4097, 1), (2048, 2049)])
def test_a_size_beyond_the_limits_is_an_error(value: Node) -> None:
    """Each side has one, and their product."""
    with pytest.raises(UnknownSettingError, match="takes sides up to 4096 and 4194304 pixels"):
        Settings({"size": value}).size("size")


@pytest.mark.parametrize("value", [True, 0, -3, 2.5, "8", (8,), (8, 8, 8), (8, True), None])
def test_a_size_of_another_form_is_an_error(value: Node) -> None:
    """Also one that Python would take for a number."""
    with pytest.raises(UnknownSettingError, match="whose size is"):
        Settings({"size": value}).size("size")
