import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from acceptance.exports.corpus import softmax
from acceptance.exports.workers import ROOT
from tests.grader.exports import draw_colours, export_colour_model

INDEX = """\
path\tkind\tfastai\timages\texpected\twhy\tcomparable\ttolerance\treference
right.pkl\tright\t2.8\timages\tgraded\t\tall\t1e-5\tprobabilities
wrong.pkl\twrong\t2.8\timages\tgraded\t\t0,1\t1e-5\tprobabilities
weights.pkl\tweights\t2.8\timages\trefused\tnot a Learner: a state dict\tall\t1e-5\tprobabilities
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two copies of one export, one of them with a wrong reference, and a file of weights."""
    folder = tmp_path_factory.mktemp("corpus")
    draw_colours(folder / "images")
    export_colour_model(folder / "right.pkl")
    shutil.copy(folder / "right.pkl", folder / "wrong.pkl")
    torch.save(torch.nn.Linear(2, 2).state_dict(), folder / "weights.pkl")
    (folder / "index.tsv").write_text(INDEX, "utf-8")
    paths = sorted((folder / "images").rglob("*.png"))
    answers = [worked_out(path) for path in paths]
    record = {
        "files": [path.relative_to(folder).as_posix() for path in paths],
        "vocab": ["blue", "green", "red"],
    }
    wrong = [answers[0], [0.5, 0.25, 0.25], *answers[2:]]
    for name, probabilities in (("right", answers), ("wrong", wrong)):
        text = json.dumps({**record, "probs": probabilities})
        (folder / f"{name}.json").write_text(text, "utf-8")
    return folder


def worked_out(path: Path) -> list[float]:
    """What the model of colours says of a plain picture: softmax of ten times each channel."""
    colour = np.array([Image.open(path).convert("RGB").getpixel((0, 0))], dtype=np.float64)
    answer: list[float] = softmax(10 * colour[:, ::-1] / 255)[0].tolist()
    return answer


def compat(corpus: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command behind `nox -s compat`."""
    command = [sys.executable, "-m", "acceptance.exports.compat", str(corpus), "--jobs", "1"]
    return subprocess.run(
        [*command, *options], check=False, cwd=ROOT, capture_output=True, text=True
    )


def test_a_row_that_is_not_as_its_index_says_fails_the_session(corpus: Path) -> None:
    """It is named with how far it is off, and the others are counted."""
    done = compat(corpus, "--commands", "none")

    assert done.returncode == 1
    assert "FAILED wrong.pkl: off by" in done.stdout
    assert "1 of 2 graded within tolerance, 1 of 1 refused for the reason given" in done.stdout


def test_the_command_itself_gives_the_answers_that_the_library_gives(corpus: Path) -> None:
    """A session without a fault succeeds."""
    done = compat(corpus, "--only", "right", "--commands", "all")

    assert done.returncode == 0, done.stdout
    assert "By the command itself: 1 of 1 graded within tolerance" in done.stdout


def test_a_filter_that_leaves_nothing_is_an_error(corpus: Path) -> None:
    """An empty session would look like a success."""
    done = compat(corpus, "--only", "nowhere")

    assert done.returncode == 2
    assert "no export's path holds" in done.stderr
