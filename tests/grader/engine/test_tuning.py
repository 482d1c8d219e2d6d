"""A process that only grades is set up for it, and gives the same answers."""

import os
import subprocess
import sys

import pytest

LARGE = "torch.empty(12_000_000).fill_(1.0)"
CODE = f"""
import resource, sys
from grader.engine.tuning import tune_process
if sys.argv[1:]:
    tune_process()
import torch
for _ in range(5):
    {LARGE}
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    {LARGE}
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def n_page_faults(*arguments: str) -> int:
    """How often the kernel had to give a process memory again, for ten large tensors."""
    command = [sys.executable, "-W", "ignore", "-c", CODE, *arguments]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no mallopt")
def test_large_tensors_are_not_given_back_to_the_kernel() -> None:
    """Of 48 MB each; without it, each takes thousands of page faults."""
    assert n_page_faults("tuned") * 2 < n_page_faults()


def test_nothing_heavy_is_imported_before_it() -> None:
    """It has to come before torch."""
    code = "import sys, grader.engine.tuning; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"


def test_what_the_user_chose_for_waiting_threads_stays() -> None:
    """The environment of the process is theirs."""
    code = "import os; from grader.engine.tuning import tune_process as tune; tune(); "
    command = [sys.executable, "-c", f"{code}print(os.environ['OMP_WAIT_POLICY'])"]
    for chosen, found in ((None, "PASSIVE"), ("ACTIVE", "ACTIVE")):
        environment = {name: one for name, one in os.environ.items() if name != "OMP_WAIT_POLICY"}
        if chosen is not None:
            environment["OMP_WAIT_POLICY"] = chosen
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        assert done.stdout.strip() == found
