"""Other processes that read and decode photos ahead of time, so that a grading needn't wait.

They are programs of their own: none is a copy of this process, and none imports torch. They end
with this process, however it ends. One that dies is replaced, and what it was asked is asked again.
"""

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from grader.results.answers import ImageHeader

if sys.platform == "linux":
    import fcntl

Pixels: TypeAlias = NDArray[np.uint8]

PROGRAM = "grader.images.decoding_worker"
# Photos that a process is asked at a time, so that it never waits for the next question.
_N_IN_HAND = 8
# How many processes may die, in all, before this process does the rest by itself.
_MAX_DEATHS = 4
_PIPE_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A photo, and the steps of each picture that is wanted of it, as JSON can hold them."""

    path: Path
    steps: tuple[dict[str, Any], ...]

    def line(self) -> bytes:
        """The question as the program reads it."""
        return json.dumps({"path": str(self.path), "steps": self.steps}).encode() + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a process found.

    Attributes:
        sha256: Of the bytes that were decoded; None where nothing was found, for whatever reason.
        header: Of the photo.
        pictures: One for each of the steps; None where it can't be made.
        is_deadly: Whether two processes died over this photo.
    """

    sha256: str | None = None
    header: ImageHeader | None = None
    pictures: tuple[Pixels | None, ...] = ()
    is_deadly: bool = False


class Workers:
    """Processes that answer questions about photos, in no particular order."""

    def __init__(self, n_processes: int, on_answer: Callable[[Question, Answer], None]) -> None:
        """Start them.

        Args:
            n_processes: At least 1.
            on_answer: Called once for each question, from another thread.
        """
        self._on_answer = on_answer
        self._questions: SimpleQueue[Question | None] = SimpleQueue()
        self._deaths = _Deaths()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._is_closing = False
        self._threads = [
            threading.Thread(target=self._serve, daemon=True) for _ in range(n_processes)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, question: Question) -> None:
        """Ask about a photo."""
        self._questions.put(question)

    def close(self) -> None:
        """End all processes, whatever they are doing. What is still asked is never answered."""
        self._is_closing = True
        for process in tuple(self._processes):
            process.kill()
        for _ in self._threads:
            self._questions.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        """Hand questions to one process after another, each until it dies."""
        in_hand: deque[Question] = deque()
        while not self._is_closing and self._deaths.are_few:
            process = _started()
            if process is None:
                break
            self._processes.add(process)
            is_done = False
            with suppress(BrokenPipeError), process:
                is_done = self._talk(process, in_hand)
                process.kill()
            self._processes.discard(process)
            if is_done:
                return
            if in_hand and self._deaths.happened(in_hand[0]):
                self._on_answer(in_hand.popleft(), Answer(is_deadly=True))
        self._give_up(in_hand)

    def _talk(self, process: subprocess.Popen[bytes], in_hand: deque[Question]) -> bool:
        """Ask and hear answers until there is nothing more to ask; False if the process died."""
        assert process.stdin is not None  # noqa: S101 - Popen was asked for pipes
        assert process.stdout is not None  # noqa: S101
        try:
            for question in in_hand:
                process.stdin.write(question.line())
            process.stdin.flush()
            while True:
                if not self._take_more(process.stdin, in_hand):
                    return True
                answer = _heard(process.stdout)
                if answer is None:
                    return self._is_closing
                self._on_answer(in_hand.popleft(), answer)
        except (BrokenPipeError, ConnectionError, ValueError):
            return self._is_closing

    def _take_more(self, questions: IO[bytes], in_hand: deque[Question]) -> bool:
        """Fill the process's hands; False if there is nothing to wait for."""
        while len(in_hand) < _N_IN_HAND:
            try:
                question = self._questions.get(block=not in_hand)
            except Empty:
                break
            if question is None:
                return False
            questions.write(question.line())
            in_hand.append(question)
        questions.flush()
        return True

    def _give_up(self, in_hand: deque[Question]) -> None:
        """Answer that nothing was found, so that the other side does it."""
        for question in in_hand:
            self._on_answer(question, Answer())
        while (waiting := self._questions.get()) is not None:
            self._on_answer(waiting, Answer())


class _Deaths:
    """Counts the processes that died, and the photos at which they did."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._photos: list[Path] = []

    @property
    def are_few(self) -> bool:
        return len(self._photos) < _MAX_DEATHS

    def happened(self, question: Question) -> bool:
        """Note a death; True if one happened at this photo before."""
        with self._lock:
            is_again = question.path in self._photos
            self._photos.append(question.path)
        return is_again


def _started() -> subprocess.Popen[bytes] | None:
    """A new process with pipes; None where this machine starts none."""
    # -P keeps what lies in the working folder from being imported.
    command = [sys.executable, "-P", "-W", "ignore", "-m", PROGRAM]
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)  # noqa: PTH100 - strings
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except (OSError, TypeError):
        return None
    if sys.platform == "linux" and process.stdout is not None:
        with suppress(OSError):  # A user may have too many large pipes already.
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return process


def _heard(answers: IO[bytes]) -> Answer | None:
    """One answer; None if the process ended before it was complete."""
    line = answers.readline()
    if not line.endswith(b"\n"):
        return None
    found = json.loads(line)
    pictures: list[Pixels | None] = []
    for shape in found["pictures"]:
        picture = None if shape is None else np.empty(shape, dtype=np.uint8)
        if picture is not None and answers.readinto(picture.data.cast("B")) < prod(shape):  # type: ignore[attr-defined]
            return None
        pictures.append(picture)
    header = None if found["header"] is None else ImageHeader(**found["header"])
    return Answer(sha256=found["sha256"], header=header, pictures=tuple(pictures))
