"""Processes that decode photos: they answer, they are replaced when they die, and they end."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.images import workers
from grader.images.decoding_worker import words_of
from grader.images.workers import Answer, Question, Workers
from grader.results.answers import ListedImage
from hidden_test_spec.images import sha256_of
from tests.grader.images.sharing_photos import CROP, draw_photos, plain_picture, plan

DEADLINE_S = 60

# Stands in for the program: it dies of one photo, every time.
DIES_OF_ONE = """
import json, os, sys
for line in sys.stdin.buffer:
    if json.loads(line)["path"].endswith("3.jpg"):
        os.kill(os.getpid(), 9)
    print(json.dumps({"sha256": "fine", "header": None, "pictures": []}), flush=True)
"""


class Heard:
    """The answers so far, by the photo's name."""

    def __init__(self, n_expected: int) -> None:
        self.answers: dict[str, Answer] = {}
        self._n_expected = n_expected
        self._all = threading.Event()

    def __call__(self, question: Question, answer: Answer) -> None:
        """Note an answer."""
        self.answers[question.path.name] = answer
        if len(self.answers) == self._n_expected:
            self._all.set()

    def wait(self) -> dict[str, Answer]:
        """The answers, when all are there."""
        assert self._all.wait(DEADLINE_S)
        return self.answers


@contextmanager
def asked(images: tuple[ListedImage, ...], *, n_processes: int = 1) -> Iterator[Heard]:
    """Processes that are asked for a picture of each photo."""
    heard = Heard(len(images))
    running = Workers(n_processes, heard)
    try:
        for image in images:
            running.ask(Question(path=image.path, steps=(words_of("RGB", (CROP,)),)))
        yield heard
    finally:
        running.close()


def children() -> set[int]:
    """The processes that this one has started and that still run."""
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(number) for path in listed for number in path.read_text().split()}


@pytest.fixture
def a_program_that_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the program, which dies of the fourth photo."""
    (tmp_path / "dies_of_one.py").write_text(DIES_OF_ONE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(workers, "PROGRAM", "dies_of_one")


@pytest.mark.parametrize("n_processes", [1, 3])
def test_every_photo_is_answered_with_its_own_pixels(tmp_path: Path, n_processes: int) -> None:
    """Whichever process had it."""
    images = draw_photos(tmp_path, 40)
    with asked(images, n_processes=n_processes) as heard:
        answers = heard.wait()
    for image in images:
        answer = answers[image.name]
        assert answer.sha256 == sha256_of(image.path)
        (picture,) = answer.pictures
        assert picture is not None
        assert picture.tobytes() == plain_picture(image.path, plan(CROP)).tobytes()


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes as Linux lists them")
def test_a_process_that_is_killed_is_replaced(tmp_path: Path) -> None:
    """Whatever it had in hand is asked again, and nothing is missing."""
    before = children()
    images = draw_photos(tmp_path, 60)
    with asked(images) as heard:
        while not heard.answers:
            time.sleep(0.01)
        for process in children() - before:
            os.kill(process, signal.SIGKILL)
        answers = heard.wait()
    assert all(one.sha256 is not None for one in answers.values())
    assert children() == before


@pytest.mark.usefixtures("a_program_that_dies")
def test_a_photo_of_which_two_processes_die_is_named_and_the_rest_go_on(tmp_path: Path) -> None:
    """It is not tried a third time."""
    with asked(draw_photos(tmp_path / "photos", 9)) as heard:
        answers = heard.wait()
    assert [name for name, one in answers.items() if one.is_deadly] == ["3.jpg"]
    assert {one.sha256 for name, one in answers.items() if name != "3.jpg"} == {"fine"}


def test_where_no_process_can_be_started_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every question is answered all the same, so that nobody waits for ever."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with asked(draw_photos(tmp_path, 5)) as heard:
        answers = heard.wait()
    assert [one == Answer() for one in answers.values()] == [True] * 5


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes as Linux lists them")
def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    """Even if it is killed and can end nothing itself."""
    draw_photos(tmp_path, 30)
    code = f"""
import pathlib, time
from grader.images.workers import Question, Workers
running = Workers(1, lambda question, answer: print(question.path, flush=True))
for path in pathlib.Path({str(tmp_path)!r}).glob("*.jpg"):
    running.ask(Question(path=path, steps=()))
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        tasks = Path(f"/proc/{parent.pid}/task").glob("*/children")
        started = [int(one) for path in tasks for one in path.read_text().split()]
        parent.kill()
    assert len(started) == 1
    deadline = time.monotonic() + DEADLINE_S
    while _runs(started[0]):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
