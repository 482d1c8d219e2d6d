"""Pictures are made for those who wait, and ahead in quiet moments."""

import threading

import pytest

from pipeline.cleaning.review.darkroom import darkroom

TIMEOUT_S = 20


def test_a_wanted_picture_is_made_at_once() -> None:
    """By number; also where none are made ahead."""
    with darkroom(lambda photo: str(photo).encode(), n_photos=0) as room:
        assert room.want(7).result(TIMEOUT_S) == b"7"
        assert room.want(3).result(TIMEOUT_S) == b"3"


def test_an_error_reaches_whoever_waits_and_the_work_goes_on() -> None:
    """A thread that met one makes the next picture."""

    def make(photo: int) -> bytes:
        if photo == 1:
            raise OSError("torn")
        return b"fine"

    with darkroom(make, n_photos=0) as room:
        for _ in range(4):
            with pytest.raises(OSError, match="torn"):
                room.want(1).result(TIMEOUT_S)
        assert room.want(2).result(TIMEOUT_S) == b"fine"


def test_all_pictures_are_made_ahead_when_nobody_waits() -> None:
    """They are made in order."""
    made: list[int] = []
    all_made = threading.Event()

    def make(photo: int) -> None:
        made.append(photo)
        if len(made) == 5:
            all_made.set()

    with darkroom(make, n_photos=5):
        assert all_made.wait(TIMEOUT_S)
    assert made == [0, 1, 2, 3, 4]


def test_nothing_is_made_ahead_while_somebody_waits() -> None:
    """Asking again and again puts it off; the end doesn't wait for it."""
    made: list[int] = []
    with darkroom(made.append, n_photos=1000) as room:
        for _ in range(20):
            room.want(-1).result(TIMEOUT_S)
    assert set(made) == {-1}
    assert len(made) == 20
