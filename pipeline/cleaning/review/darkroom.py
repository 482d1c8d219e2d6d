"""Threads that make pictures: first those that a page waits for, then the others."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

_Make = Callable[[int], bytes | None]

_N_WAITING = 2
_QUIET_S = 0.4
_GLANCE_S = 0.1


class Darkroom:
    """Makes pictures by number until it is closed.

    Args:
        make: Makes one picture, in any thread.
    """

    def __init__(self, make: _Make) -> None:
        self._make = make
        # The latest comes first: earlier ones have often been scrolled out of sight.
        self._wanted: queue.LifoQueue[tuple[int, Future[bytes | None]] | None] = queue.LifoQueue()
        self._closed = threading.Event()
        self._quiet_from_s = time.monotonic() + _QUIET_S

    def want(self, photo: int) -> "Future[bytes | None]":
        """A future for the picture of a photo; its result is None if the photo can't be read."""
        self.hush()
        future: Future[bytes | None] = Future()
        self._wanted.put((photo, future))
        return future

    def hush(self) -> None:
        """Leave the processor to whoever is waiting: nothing is made ahead for a moment."""
        self._quiet_from_s = time.monotonic() + _QUIET_S

    def make_wanted(self) -> None:
        """Make the pictures that are wanted until the darkroom is closed."""
        while (job := self._wanted.get()) is not None:
            photo, future = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._make(photo))
                except BaseException as error:  # noqa: BLE001 - raised where it is awaited
                    future.set_exception(error)

    def make_ahead(self, n_photos: int) -> None:
        """Make the pictures of the photos 0 to `n_photos` - 1 in quiet moments."""
        for photo in range(n_photos):
            while not self._closed.is_set() and time.monotonic() < self._quiet_from_s:
                self._closed.wait(_GLANCE_S)
            if self._closed.is_set():
                return
            self._make(photo)

    def close(self, n_threads: int) -> None:
        """Let this many threads end after their current picture."""
        self._closed.set()
        for _ in range(n_threads):
            self._wanted.put(None)


@contextmanager
def darkroom(make: _Make, n_photos: int) -> Iterator[Darkroom]:
    """A darkroom with its threads running, which end with the block.

    Args:
        make: Makes one picture, in any thread.
        n_photos: How many photos there are.
    """
    room = Darkroom(make)
    threads = [threading.Thread(target=room.make_wanted, daemon=True) for _ in range(_N_WAITING)]
    threads.append(threading.Thread(target=room.make_ahead, args=(n_photos,), daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield room
    finally:
        room.close(_N_WAITING)
        for thread in threads:
            thread.join()
