"""Photos decoded ahead of their use: in order, within a bound, and none twice."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from grader.images import ahead
from grader.images.ahead import Ahead
from grader.images.sharing import steps_of
from hidden_test_spec.images import sha256_of
from tests.grader.images.sharing_photos import CROP, draw_photos, paths_of, plain_picture, plan

STEPS = steps_of(plan(CROP))
PICTURE_BYTES = 12 * 9 * 3


@contextmanager
def reading(paths: list[Path]) -> Iterator[Ahead]:
    """Two processes that look at these photos."""
    with closing(Ahead(2)) as found:
        found.look(paths, STEPS)
        yield found


def test_a_photo_that_was_looked_at_has_hash_header_and_picture(tmp_path: Path) -> None:
    """And is given away only once."""
    paths = paths_of(draw_photos(tmp_path, 3))
    with reading(paths) as found:
        look = found.seen(paths[2])
        assert look is not None
        assert look.sha256 == sha256_of(paths[2])
        taken = found.take(paths[2], STEPS)
        assert taken is not None
        assert taken[0] == look.sha256
        assert (taken[1] == plain_picture(paths[2], plan(CROP))).all()
        assert found.take(paths[2], STEPS) is None


def test_what_nobody_was_to_look_at_is_unknown(tmp_path: Path) -> None:
    """Nothing waits for it."""
    paths = paths_of(draw_photos(tmp_path, 2))
    with reading(paths[:1]) as found:
        assert found.seen(paths[1]) is None
        assert found.take(paths[1], STEPS) is None


def test_no_more_is_decoded_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All photos are hashed, but only the first of them have a picture, until these are taken."""
    monkeypatch.setattr(ahead, "AHEAD_BYTES", 2 * 2**20)
    monkeypatch.setattr(ahead, "_PICTURE_BYTES", 2**20)
    paths = paths_of(draw_photos(tmp_path, 30))
    with reading(paths) as found:
        looks = [found.seen(path) for path in paths]
        monkeypatch.setattr(ahead, "AHEAD_BYTES", 3 * PICTURE_BYTES)
        found.expect(paths, STEPS)
        taken = [found.take(path, STEPS) for path in paths]
    assert [look is not None and look.sha256 for look in looks] == list(map(sha256_of, paths))
    assert sum(one is not None for one in taken) > 3


def test_a_photo_under_two_names_in_a_list_is_read_once(tmp_path: Path) -> None:
    """Its picture is there for the first who takes it."""
    (path,) = paths_of(draw_photos(tmp_path, 1))
    with reading([path, path]) as found:
        assert found.seen(path) is not None
        assert found.take(path, STEPS) is not None
