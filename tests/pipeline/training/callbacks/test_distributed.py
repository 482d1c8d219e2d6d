"""One model trained by two processes, on the CPU."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from pipeline.training.processes import is_main, n_processes
from tests.pipeline.drawing import draw_dataset

PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
import torch
from fastai.callback.core import Callback
from pipeline.training.fits import fine_tuning_fits, make_callbacks
from tests.pipeline.training.learning import changed, small_learner, small_settings
from pipeline.training.processes import n_processes

class Seen(Callback):
    order = 90
    images, validated = [], 0
    def after_batch(self):
        if self.training:
            self.images.append(self.xb[0].shape[0])
        else:
            self.validated += self.xb[0].shape[0]

settings = small_settings(changed("document", "images", min_scale=0.5), batch_size=6)
learner = small_learner(Path(sys.argv[1]), settings)
fit = fine_tuning_fits(settings)[-1]
seen = Seen()
learner.unfreeze()
with learner.no_bar(), learner.no_logging():
    learner.fit(2, 1e-3, cbs=[seen, *make_callbacks(fit, settings, [], torch.device("cpu"))])
weights = torch.cat([one.flatten().double() for one in learner.model.state_dict().values()])
loss = learner.recorder.values[-1][1]
print(json.dumps([seen.images, seen.validated, float(weights.sum()), loss]), flush=True)
"""


def free_port() -> str:
    """An unused port on this machine's loopback."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def start(command: list[str], rank: int, port: str) -> subprocess.Popen[str]:
    """One of two processes, with the environment that `accelerate launch` sets."""
    world = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "ACCELERATE_USE_CPU": "true"}
    quiet = {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    return subprocess.Popen(
        command,
        env=os.environ | world | meeting | quiet,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_two(command: list[str]) -> list[str]:
    """What two processes that train together print."""
    port = free_port()
    both = [start(command, rank, port) for rank in range(2)]
    try:
        outputs = [process.communicate(timeout=240) for process in both]
    finally:
        for process in both:
            process.kill()
    assert [process.returncode for process in both] == [0, 0], outputs
    return [stdout for stdout, _ in outputs]


def test_two_processes_share_the_images_and_end_with_one_model(tmp_path: Path) -> None:
    """Each trains on half of every epoch, sees each image of val once, and has the same weights."""
    draw_dataset(tmp_path / "dataset")
    found = [json.loads(one) for one in run_two([sys.executable, "-c", PROGRAM, str(tmp_path)])]
    for images, n_validated, _, _ in found:
        assert images == [3, 3, 3, 3]
        assert n_validated == 2 * 4
    assert found[0][2:] == pytest.approx(found[1][2:], rel=1e-9)


def test_the_command_line_trains_in_two_processes(tmp_path: Path) -> None:
    """One of them writes the exports and prints."""
    dataset = draw_dataset(tmp_path / "dataset")
    small = "--arch test_resnet --weights random --image-size 32 --epochs 2 --fine-tune-epochs 2"
    command = [sys.executable, "-m", "pipeline", "train", str(dataset), *small.split()]
    first, second = run_two([*command, "--device", "cpu", "--out", str(tmp_path / "out")])
    assert "fine_tuned.pkl" in first
    assert second == ""
    saved = torch.load(tmp_path / "out" / "models" / "fine_tuned.pth", weights_only=True)
    assert all(torch.isfinite(tensor).all() for tensor in saved.values())


def test_a_process_by_itself_is_the_main_one() -> None:
    """This holds in every run that Accelerate did not start."""
    assert (n_processes(), is_main()) == (1, True)
