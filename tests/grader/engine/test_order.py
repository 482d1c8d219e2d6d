from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from grader.engine.order import draw_order
from grader.results.answers import ModelOutputs, TestImage

HASHES = ("a" * 64, "b" * 64)


def listed(n_images: int) -> tuple[TestImage, ...]:
    """Images of four classes, class by class."""
    return tuple(
        TestImage(
            path=Path(f"{number}.png"),
            name=f"{number}.png",
            label=str(4 * number // n_images),
            sha256=f"{number:064x}",
            header=None,
        )
        for number in range(n_images)
    )


def order_of(n_images: int, *, hashes: Sequence[str] = HASHES, batch_size: int = 8) -> list[int]:
    """The drawn positions."""
    drawn = draw_order(listed(n_images), models_sha256=hashes, batch_size=batch_size)
    return list(drawn.positions)


@pytest.mark.parametrize("n_images", [0, 1, 7, 8, 9, 16, 61, 120])
@pytest.mark.parametrize("batch_size", [1, 8, 64])
def test_every_image_keeps_its_place_within_a_batch(n_images: int, batch_size: int) -> None:
    """And those of a smaller last batch stay in it, so a CPU computes the same bits."""
    order = order_of(n_images, batch_size=batch_size)
    n_full = n_images - n_images % batch_size
    assert sorted(order) == list(range(n_images))
    assert order[n_full:] == list(range(n_full, n_images))
    assert all(place % batch_size == position % batch_size for place, position in enumerate(order))


def test_the_order_is_the_same_every_time() -> None:
    """It is drawn from the hashes, not from a clock."""
    assert order_of(120) == order_of(120)


def test_another_model_or_another_photo_gives_another_order() -> None:
    """A model that was made for one order meets another."""
    images = listed(120)
    changed = draw_order(images[:-1] + listed(121)[-1:], models_sha256=HASHES, batch_size=8)
    assert order_of(120) != order_of(120, hashes=("a" * 64, "c" * 64))
    assert list(changed.positions) != order_of(120)


def test_batches_no_longer_hold_one_class() -> None:
    """Of 120 images in four classes, no batch of eight has a single one."""
    images = listed(120)
    arranged = draw_order(images, models_sha256=HASHES, batch_size=8).arranged(images)
    batches = [arranged[start : start + 8] for start in range(0, 120, 8)]
    assert min(len({image.label for image in batch}) for batch in batches) > 1


def test_answers_come_back_in_the_order_of_the_listing() -> None:
    """Each row belongs to its image, and so does each reason why one can't be read."""
    drawn = draw_order(listed(24), models_sha256=HASHES, batch_size=8)
    readable = [place for place in range(24) if place not in (3, 20)]
    outputs = ModelOutputs(
        logits=np.array([[drawn.positions[place], 0.0] for place in readable]),
        positions=np.array(readable, dtype=np.intp),
        unreadable=((3, "broken"), (20, "empty")),
    )
    found = drawn.as_listed(outputs)
    assert found.logits[:, 0].tolist() == found.positions.tolist() == sorted(found.positions)
    expected = {drawn.positions[3]: "broken", drawn.positions[20]: "empty"}
    assert dict(found.unreadable) == expected
    assert [place for place, _ in found.unreadable] == sorted(expected)
