from pathlib import Path

import pytest

from acceptance.exports.workers import Reply, WorkerPlan, replies

WORKER = """
import os, time
from acceptance.exports.workers import serve
def answer(request):
    print("noise")
    if request["do"] == "crash":
        os._exit(3)
    if request["do"] == "sleep":
        time.sleep(60)
    return {"did": request["do"], "process": os.getpid()}
serve(answer)
"""


def ask(tmp_path: Path, *wishes: str, n_requests: int = 10) -> list[Reply | None]:
    """What a worker of these tests replies to each wish."""
    with pytest.MonkeyPatch.context() as patch:
        (tmp_path / "own_worker.py").write_text(WORKER, "utf-8")
        patch.setenv("PYTHONPATH", str(tmp_path))
        plan = WorkerPlan(module="own_worker", n_requests=n_requests, limit_s=5, n_jobs=1)
        return list(replies(plan, [{"do": wish} for wish in wishes]))


def done(replied: list[Reply | None]) -> list[str | None]:
    """What was done; None where there is no reply."""
    return [None if one is None else one["did"] for one in replied]


def test_a_crash_costs_only_its_own_request(tmp_path: Path) -> None:
    """The next request gets a new process; prints don't spoil replies."""
    assert done(ask(tmp_path, "a", "crash", "b")) == ["a", None, "b"]


def test_a_request_that_never_ends_is_given_up(tmp_path: Path) -> None:
    """After its limit its process is ended."""
    assert done(ask(tmp_path, "sleep", "a")) == [None, "a"]


def test_a_process_is_replaced_after_so_many_requests(tmp_path: Path) -> None:
    """Here after two."""
    replied = ask(tmp_path, "a", "b", "c", n_requests=2)

    first, second, third = (one and one["process"] for one in replied)
    assert first == second != third
