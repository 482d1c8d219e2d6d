"""Asking the grader, in a separate process."""

from pathlib import Path

import pytest

from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import read_sidecar
from pipeline.exporting.asking_grader import ask_grader
from pipeline.exporting.errors import GradingError
from pipeline.running.run import TrainingRun


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks of these tests are too small to be worth several threads."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_the_grader_measures_what_training_measured(finished_run: TrainingRun) -> None:
    """On val: the same images, loss and accuracy, and intervals around both numbers."""
    graded = ask_grader(finished_run.fine_tuned, finished_run.dataset / "val", device="cpu")
    recorded = read_sidecar(finished_run.fine_tuned).validation
    assert recorded is not None
    assert graded.n_scored == recorded.n_images == len(graded.images)
    assert (graded.loss, graded.accuracy) == pytest.approx(
        (recorded.loss, recorded.accuracy), abs=1e-5
    )
    assert graded.sha256 == sha256_of(finished_run.fine_tuned)
    assert graded.accuracy_interval is not None
    assert graded.accuracy_interval[0] <= graded.accuracy <= graded.accuracy_interval[1]
    assert [one.label for one in graded.per_class] == ["blue", "green", "red"]


def test_what_the_grader_refuses_is_told_in_its_words(
    finished_run: TrainingRun, tmp_path: Path
) -> None:
    """Its message is quoted in ours."""
    with pytest.raises(GradingError, match=r"could not be measured(?s:.)*The test folder can't"):
        ask_grader(finished_run.fine_tuned, tmp_path / "missing", device="cpu")
