"""Each corruption does what its name says, mildly, and the same every time."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from grader.probing.corruptions import corrupted
from hidden_test_spec.rules import CORRUPTIONS, Corruption

SHA256 = "ab" * 32


def photo() -> Image.Image:
    """A smooth photo, brighter to the right, with a dark square on its left."""
    pixels = np.tile(np.linspace(60, 180, 120), (80, 1))
    pixels[30:50, 20:40] = 20
    return Image.fromarray(np.repeat(pixels[..., None], 3, axis=2).astype(np.uint8))


def changed(corruption: Corruption, *, sha256: str = SHA256) -> NDArray[np.float64]:
    """The pixels afterwards."""
    return np.asarray(corrupted(photo(), corruption, sha256=sha256)).astype(float)


BEFORE = np.asarray(photo()).astype(float)


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_size_and_mode_stay(corruption: Corruption, mode: str) -> None:
    """A network may take photos of one size only."""
    found = corrupted(photo().convert(mode), corruption, sha256=SHA256)
    assert (found.size, found.mode) == ((120, 80), mode)


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_the_same_photo_is_changed_the_same_way(corruption: Corruption) -> None:
    """And it is changed."""
    assert (changed(corruption) == changed(corruption)).all()
    assert not (changed(corruption) == BEFORE).all()


def test_noise_differs_from_photo_to_photo() -> None:
    """By their hashes; it is a twentieth of the largest value strong."""
    assert not (changed("noise") == changed("noise", sha256="cd" * 32)).all()
    assert (changed("noise") - BEFORE).std() == pytest.approx(0.05 * 255, rel=0.05)


def test_light_changes_the_brightness_and_nothing_else() -> None:
    """By three fifths, and by half as much again."""
    assert changed("dark").mean() == pytest.approx(0.6 * BEFORE.mean(), rel=0.02)
    assert changed("bright").mean() > 1.3 * BEFORE.mean()


def test_a_mirror_image_is_mirrored() -> None:
    """From left to right."""
    assert (changed("mirror") == BEFORE[:, ::-1]).all()


def test_blur_takes_the_edges_and_keeps_the_light() -> None:
    """Steps between neighbours shrink."""
    steps = np.abs(np.diff(changed("blur"), axis=1)).max()
    assert steps < 0.8 * np.abs(np.diff(BEFORE, axis=1)).max()
    assert changed("blur").mean() == pytest.approx(BEFORE.mean(), rel=0.01)


def test_a_crop_enlarges_what_is_in_the_middle() -> None:
    """The square has five quarters of its side afterwards."""
    width_before = (BEFORE[40, :, 0] < 40).sum()
    width_after = (changed("crop")[40, :, 0] < 40).sum()
    assert width_after == pytest.approx(width_before / 0.8, abs=2)


def test_a_rotation_leaves_no_black_corner() -> None:
    """What lies outside the turned photo is cut off."""
    found = changed("rotation")
    edges = np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]])
    assert edges.min() >= BEFORE[0].min()
