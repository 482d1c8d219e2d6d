"""Threads that make pictures: those that a page waits for first, then all others."""

import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

Make = Callable[[int], bytes | None]

_N_THREADS = 2
_STOP, _WANTED, _AHEAD = range(3)


@dataclass(order=True, frozen=True, slots=True, kw_only=True)
class _Job:
    """A picture to be made; the latest wanted comes first, since older ones are out of sight."""

    urgency: int
    order: int
    photo: int = field(compare=False)
    future: "Future[bytes | None] | None" = field(compare=False, default=None)


class Darkroom:
    """Makes pictures by number until it is closed.

    Args:
        make: What makes one, in any thread.
        n_photos: Pictures of the photos 0 to `n_photos` - 1 are made when nothing else is wanted.
    """

    def __init__(self, make: Make, n_photos: int) -> None:
        self._make = make
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._count = itertools.count()
        self._made: set[int] = set()
        for photo in range(n_photos):
            self._jobs.put(_Job(urgency=_AHEAD, order=next(self._count), photo=photo))

    def want(self, photo: int) -> "Future[bytes | None]":
        """The picture of a photo, when it is made; None in it if the photo can't be read."""
        future: Future[bytes | None] = Future()
        order = -next(self._count)
        self._jobs.put(_Job(urgency=_WANTED, order=order, photo=photo, future=future))
        return future

    def work(self) -> None:
        """Make pictures until the darkroom is closed."""
        while (job := self._jobs.get()).urgency != _STOP:
            if job.future is None:
                if job.photo not in self._made:
                    self._make(job.photo)
            elif job.future.set_running_or_notify_cancel():
                self._develop(job.photo, job.future)
            self._made.add(job.photo)

    def close(self) -> None:
        """Let one thread end after what it is doing."""
        self._jobs.put(_Job(urgency=_STOP, order=0, photo=-1))

    def _develop(self, photo: int, future: "Future[bytes | None]") -> None:
        try:
            future.set_result(self._make(photo))
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            future.set_exception(error)


@contextmanager
def darkroom(make: Make, n_photos: int) -> Iterator[Darkroom]:
    """A darkroom with threads at work, which end with the block."""
    room = Darkroom(make, n_photos)
    threads = [threading.Thread(target=room.work, daemon=True) for _ in range(_N_THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield room
    finally:
        for _ in threads:
            room.close()
        for thread in threads:
            thread.join()
