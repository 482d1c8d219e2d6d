"""Pictures for all models: the same pixels and errors, whoever makes them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from grader.errors import BadInputError, MachineError, UnreadableImageError
from grader.images import sharing
from grader.images.ahead import Look
from grader.images.kept_pictures import Bounds
from grader.images.sharing import MIN_PHOTOS, Pictures, n_processes_for
from grader.results.answers import ListedImage
from grader.results.preprocessing import ImageStep
from hidden_test_spec.images import sha256_of
from tests.grader.images.sharing_photos import (
    CROP,
    STEPS,
    draw_photos,
    paths_of,
    plain_picture,
    plan,
)


@pytest.fixture(params=[0, 2], ids=["here", "elsewhere"])
def pictures(request: pytest.FixtureRequest) -> Iterator[Pictures]:
    """Pictures made in this process, or by two others."""
    with Pictures(n_processes=request.param) as shared:
        yield shared


@pytest.fixture
def listed(tmp_path: Path) -> tuple[ListedImage, ...]:
    """Twenty photos."""
    return draw_photos(tmp_path / "photos", 20)


@pytest.mark.parametrize("step", STEPS)
def test_every_picture_is_what_the_plain_calls_make(
    pictures: Pictures, listed: tuple[ListedImage, ...], step: ImageStep
) -> None:
    """To the bit, in whatever order they are asked for, and as often as one likes."""
    pictures.start(paths_of(listed), plan(step))
    images = pictures.read(listed)
    pictures.expect(images, plan(step))
    assert [image.sha256 for image in images] == [sha256_of(image.path) for image in listed]
    for image in (*images, *reversed(images)):
        expected = plain_picture(image.path, plan(step))
        assert pictures.picture(image, plan(step)).tobytes() == expected.tobytes()


def test_models_with_equal_steps_share_one_array(
    pictures: Pictures, listed: tuple[ListedImage, ...]
) -> None:
    """And one with other steps gets its own."""
    pictures.start(paths_of(listed), plan(CROP))
    (image, *_) = pictures.read(listed)
    first = pictures.picture(image, plan(CROP))
    assert pictures.picture(image, plan(CROP)) is first
    assert pictures.picture(image, plan()).shape != first.shape


def test_a_photo_that_cannot_be_decoded_is_told_as_ever(pictures: Pictures, tmp_path: Path) -> None:
    """By the same error, with the same reason."""
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    listing = [ListedImage(path=page, name="page.jpg", label="wren")]
    pictures.start([page], plan(CROP))
    (image,) = pictures.read(listing)
    with pytest.raises(UnreadableImageError, match=r"cannot identify image file '.*page\.jpg'"):
        pictures.picture(image, plan(CROP))


def test_a_photo_that_is_gone_is_bad_input(pictures: Pictures, tmp_path: Path) -> None:
    """It may have gone since the folder was listed."""
    gone = tmp_path / "gone.jpg"
    pictures.start([gone], plan(CROP))
    with pytest.raises(BadInputError, match=r"can no longer be read \(No such file"):
        pictures.read([ListedImage(path=gone, name="gone.jpg", label="wren")])


def test_a_photo_that_changed_after_it_was_hashed_is_bad_input(
    listed: tuple[ListedImage, ...],
) -> None:
    """Where its picture has to be made later, nothing else is graded in its place."""
    with Pictures(n_processes=1, bounds=Bounds(memory_bytes=0, disk_bytes=0)) as pictures:
        pictures.start(paths_of(listed), None)
        images = pictures.read(listed)
        Image.new("RGB", (40, 30)).save(listed[5].path)
        pictures.expect(images, plan(CROP))
        for image in images[:5]:
            pictures.picture(image, plan(CROP))
        with pytest.raises(BadInputError, match=r"changed during grading[\s\S]*5\.jpg"):
            pictures.picture(images[5], plan(CROP))


def test_pictures_of_a_photo_that_changes_stay_what_was_hashed(
    pictures: Pictures, listed: tuple[ListedImage, ...]
) -> None:
    """Once decoded it isn't read again."""
    pictures.start(paths_of(listed), plan(CROP))
    images = pictures.read(listed)
    before = [pictures.picture(image, plan(CROP)).tobytes() for image in images]
    for image in listed:
        image.path.unlink()
    assert [pictures.picture(image, plan(CROP)).tobytes() for image in images] == before


def test_a_photo_that_ends_processes_ends_the_grading_and_not_this_process(
    listed: tuple[ListedImage, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, with what to do."""

    class Deadly:
        def __init__(self, n_processes: int) -> None:
            assert n_processes == 1

        def look(self, paths: object, steps: object) -> None:
            """Do nothing."""

        def seen(self, path: Path) -> Look:
            return Look(sha256=None, header=None, is_deadly=path.name == "7.jpg")

        def close(self) -> None:
            """Do nothing."""

    monkeypatch.setattr(sharing, "Ahead", Deadly)
    with (
        Pictures(n_processes=1) as pictures,
        pytest.raises(MachineError, match=r"ended the process that did it[\s\S]*7\.jpg"),
    ):
        pictures.read(listed)


def test_a_few_photos_are_decoded_without_other_processes() -> None:
    """They take longer to start."""
    assert n_processes_for(MIN_PHOTOS - 1) == 0
    assert n_processes_for(MIN_PHOTOS) >= 1
