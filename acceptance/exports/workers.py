"""Processes that answer one request after another, restarted when they die or grow old.

A request and its reply are one line of JSON each. Starting Python with torch takes seconds, so a
process serves many exports; one that crashes takes only its own export with it.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

Request = dict[str, str]
Reply = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPlan:
    """Which module the processes run, and when they are stopped.

    Attributes:
        module: Run as `python -m MODULE`.
        n_requests: A process is replaced after this many.
        limit_s: Time for one request, including the start of the process.
        n_jobs: How many run at a time.
        first_on_path: A folder whose packages come before the installed ones; None for none.
    """

    module: str
    n_requests: int
    limit_s: float
    n_jobs: int
    first_on_path: Path | None = None


@dataclass(slots=True)
class _Worker:
    """One process at a time; used by one thread."""

    plan: WorkerPlan
    process: subprocess.Popen[str] | None = None
    n_served: int = 0

    def ask(self, request: Request) -> Reply | None:
        """The reply, or None if the process died or ran out of time."""
        if self.process is None or self.n_served == self.plan.n_requests:
            self.close()
            self.process = _started(self.plan)
        self.n_served += 1
        timer = threading.Timer(self.plan.limit_s, self.process.kill)
        timer.start()
        line = _exchange(self.process, json.dumps(request))
        timer.cancel()
        if not line:
            self.close()
            return None
        reply: Reply = json.loads(line)
        return reply

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
        self.process, self.n_served = None, 0


def _started(plan: WorkerPlan) -> subprocess.Popen[str]:
    first = () if plan.first_on_path is None else (str(plan.first_on_path),)
    path = os.pathsep.join((*first, *filter(None, (os.environ.get("PYTHONPATH"),))))
    return subprocess.Popen(
        [sys.executable, "-m", plan.module],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )


def _exchange(process: subprocess.Popen[str], line: str) -> str:
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process needs pipes")
    try:
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline()
    except BrokenPipeError:
        return ""


def replies(plan: WorkerPlan, requests: Sequence[Request]) -> Iterator[Reply | None]:
    """The reply to each request, in their order; None where the process died or was too slow."""
    local = threading.local()
    workers: list[_Worker] = []

    def ask(request: Request) -> Reply | None:
        if not hasattr(local, "worker"):
            local.worker = _Worker(plan)
            workers.append(local.worker)
        worker: _Worker = local.worker
        return worker.ask(request)

    with ThreadPoolExecutor(plan.n_jobs) as pool:
        try:
            yield from pool.map(ask, requests)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for worker in workers:
                worker.close()


def serve(answer: Callable[[Request], Reply]) -> None:
    """Answer the requests of standard input until it ends. Other prints go to standard error."""
    with _own_stdout() as write:
        for line in sys.stdin:
            write(json.dumps(answer(json.loads(line))) + "\n")


@contextmanager
def _own_stdout() -> Iterator[Callable[[str], Any]]:
    """Keep the pipe for replies, so that a library that prints can't spoil one."""
    stdout = sys.stdout
    sys.stdout = sys.stderr
    try:
        yield lambda text: (stdout.write(text), stdout.flush())
    finally:
        sys.stdout = stdout
