"""The program that decodes photos: what it answers, and what it never imports."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.images.decoding_worker import Words, steps_of, words_of
from grader.images.workers import PROGRAM
from grader.results.preprocessing import ImageStep
from hidden_test_spec.images import sha256_of
from tests.grader.images.sharing_photos import CROP, STEPS, draw_photos, plain_picture, plan


def answered(path: Path, *wanted: Words) -> bytes:
    """All that the program writes when it is asked about one photo."""
    question = json.dumps({"path": str(path), "steps": wanted}).encode() + b"\n"
    command = [sys.executable, "-m", PROGRAM]
    done = subprocess.run(command, input=question, capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize("step", STEPS)
def test_steps_survive_the_way_to_another_process(step: ImageStep) -> None:
    """As JSON and back, every kind of step is equal to itself."""
    words = json.loads(json.dumps(words_of("L", (step, step))))
    assert (steps_of(words).mode, steps_of(words).image_steps) == ("L", (step, step))


def test_a_step_of_another_name_is_made_by_nobody() -> None:
    """Only the four kinds of steps have a name there."""
    with pytest.raises(KeyError, match="system"):
        steps_of({"mode": "RGB", "steps": [["system", {}]]})


def test_it_answers_with_hash_header_and_pixels(tmp_path: Path) -> None:
    """The pixels are those that the plain calls make."""
    (photo,) = draw_photos(tmp_path, 1)
    line, _, pixels = answered(photo.path, words_of("RGB", (CROP,))).partition(b"\n")

    assert json.loads(line) == {
        "sha256": sha256_of(photo.path),
        "header": {"shorter_side_px": 20, "is_rotated": False},
        "pictures": [[9, 12, 3]],
    }
    assert pixels == plain_picture(photo.path, plan(CROP)).tobytes()


def test_of_a_broken_photo_it_gives_the_hash_and_no_picture(tmp_path: Path) -> None:
    """Why it is broken is found out by whoever asked."""
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    found = json.loads(answered(page, words_of("RGB", (CROP,))))
    assert found == {"sha256": sha256_of(page), "header": None, "pictures": [None]}


def test_of_a_missing_photo_it_gives_nothing(tmp_path: Path) -> None:
    """And goes on."""
    found = json.loads(answered(tmp_path / "gone.jpg", words_of("RGB", (CROP,))))
    assert found == {"sha256": None, "header": None, "pictures": []}


def test_it_imports_nothing_that_is_slow_to_import() -> None:
    """It decodes while torch is still being imported elsewhere."""
    code = f"import sys, {PROGRAM}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    slow = {"torch", "torchvision", "timm", "scipy", "sklearn", "matplotlib", "pydantic", "rich"}
    assert not slow & set(done.stdout.split())
