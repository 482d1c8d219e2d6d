"""Photos read and decoded ahead of their use by other processes, in the order of their use.

No more is decoded ahead than fits into a bound, so memory doesn't grow with the folder.
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from grader.images.decoding_worker import words_of
from grader.images.kept_pictures import Pixels
from grader.images.workers import Answer, Question, Workers
from grader.results.answers import ImageHeader
from grader.results.preprocessing import ImageMode, ImageStep

# What may be ready before it is used. A picture is taken to be large until one has been seen.
AHEAD_BYTES = 64 * 2**20
_PICTURE_BYTES = 2**20
# Enough questions to keep every process busy.
_N_ASKED = 32

Steps: TypeAlias = tuple[ImageMode, tuple[ImageStep, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The hash and header of a photo, as a process read it; `is_deadly` if it ends processes."""

    sha256: str | None
    header: ImageHeader | None
    is_deadly: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A picture that is wanted; or, for a look, a hash, and the picture only if there is room."""

    path: Path
    steps: Steps | None
    is_look: bool


class Ahead:
    """What other processes have found, and what they are going to."""

    def __init__(self, n_processes: int) -> None:
        """Start the processes.

        Args:
            n_processes: At least 1.
        """
        self._news = threading.Condition()
        self._tasks: deque[_Task] = deque()
        self._asked: dict[Path, _Task] = {}
        self._looks: dict[Path, Look] = {}
        self._unseen: set[Path] = set()
        self._ready: dict[tuple[Path, Steps], tuple[str, Pixels]] = {}
        self._n_bytes = 0
        self._picture_bytes = _PICTURE_BYTES
        self._workers = Workers(n_processes, self._hear)

    def close(self) -> None:
        """End the processes."""
        self._workers.close()

    def look(self, paths: Iterable[Path], steps: Steps | None) -> None:
        """Read these photos, and make pictures of the first of them."""
        with self._news:
            for path in dict.fromkeys(paths):
                self._unseen.add(path)
                self._tasks.append(_Task(path=path, steps=steps, is_look=True))
            self._ask()

    def expect(self, paths: Iterable[Path], steps: Steps) -> None:
        """Make these pictures, which are going to be taken in this order."""
        with self._news:
            for path in dict.fromkeys(paths):
                if (path, steps) not in self._ready:
                    self._tasks.append(_Task(path=path, steps=steps, is_look=False))
            self._ask()

    def seen(self, path: Path) -> Look | None:
        """What was read of a photo; waits for it. None if nobody was to look at it."""
        with self._news:
            while path in self._unseen:
                self._news.wait()
            return self._looks.get(path)

    def take(self, path: Path, steps: Steps) -> tuple[str, Pixels] | None:
        """A picture with the hash of its photo, which is then forgotten here; may wait for it.

        None if it wasn't expected or can't be made.
        """
        with self._news:
            while (path, steps) not in self._ready and self._is_asked(path, steps):
                self._news.wait()
            found = self._ready.pop((path, steps), None)
            if found is not None:
                self._n_bytes -= found[1].nbytes
            self._ask()
            return found

    def _is_asked(self, path: Path, steps: Steps) -> bool:
        task = self._asked.get(path)
        return task is not None and task.steps == steps

    def _ask(self) -> None:
        """Ask as much as there is room for."""
        while self._tasks and len(self._asked) < _N_ASKED:
            task = self._tasks[0]
            if task.path in self._asked:
                return
            # Photos aren't run in the order in which they are looked at.
            has_room = self._has_room(AHEAD_BYTES // 2 if task.is_look else AHEAD_BYTES)
            if not task.is_look and not has_room:
                return
            self._tasks.popleft()
            steps = task.steps if has_room else None
            self._asked[task.path] = replace(task, steps=steps)
            words = () if steps is None else (words_of(*steps),)
            self._workers.ask(Question(path=task.path, steps=words))

    def _has_room(self, max_bytes: int) -> bool:
        n_coming = sum(task.steps is not None for task in self._asked.values())
        if not n_coming and not self._ready:
            return True
        return self._n_bytes + (n_coming + 1) * self._picture_bytes <= max_bytes

    def _hear(self, question: Question, answer: Answer) -> None:
        """Keep what a process found; called from the threads of the workers."""
        with self._news:
            task = self._asked.pop(question.path)
            if task.is_look:
                self._unseen.discard(task.path)
                self._looks[task.path] = Look(
                    sha256=answer.sha256, header=answer.header, is_deadly=answer.is_deadly
                )
            elif answer.is_deadly:
                self._looks[task.path] = replace(self._looks[task.path], is_deadly=True)
            self._keep(task, answer)
            self._ask()
            self._news.notify_all()

    def _keep(self, task: _Task, answer: Answer) -> None:
        for picture in answer.pictures:
            if picture is None or answer.sha256 is None or task.steps is None:
                continue
            if (task.path, task.steps) not in self._ready:
                self._ready[task.path, task.steps] = answer.sha256, picture
                self._n_bytes += picture.nbytes
                self._picture_bytes = picture.nbytes
