"""Whether an export is what training recorded."""

from pathlib import Path
from typing import Any

import pytest

from hidden_test_spec.sidecar import Measured
from pipeline.exporting.asking_grader import GradedImage
from pipeline.exporting.errors import NotVerifiedError
from pipeline.exporting.verifying import is_same_loss, verify
from tests.pipeline.records import graded_of, sidecar_of

EXPORT = Path("run/fine_tuned.pkl")


@pytest.mark.parametrize("loss", [0.5, 0.5 + 0.9e-4, 0.5 - 0.9e-4])
def test_the_same_numbers_are_proof(loss: float) -> None:
    """Within the tolerance of float32; the proof names what was measured, by what and where."""
    proof = verify(EXPORT, sidecar_of(), graded_of(loss=loss))
    assert proof.tool.startswith("classifier-grader ")
    assert proof.device == "cpu"
    assert proof.measured == Measured(n_images=4, loss=loss, accuracy=0.75)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": 0.5 + 1.1e-4}, "the loss is 0.500110, but in training it was 0.5"),
        ({"loss": float("nan")}, "the loss is nan"),
        ({"n_correct": 2}, "2 of 4 images are named correctly, but in training it was 3 of 4"),
        ({"n_scored": 3}, "3 of 3 images are named correctly, but in training it was 3 of 4"),
        ({"sha256": "c" * 64}, "the file is not the one that the record was written for"),
        ({"images": (GradedImage(sha256="c" * 64),) * 4}, "not those of the recorded val part"),
    ],
)
def test_each_difference_is_told(changes: dict[str, Any], message: str) -> None:
    """And nothing else: one difference is one line."""
    with pytest.raises(NotVerifiedError, match=message) as caught:
        verify(EXPORT, sidecar_of(), graded_of(**changes))
    assert str(caught.value).count("\n  - ") == 1


def test_all_differences_are_told_at_once() -> None:
    """The message says what to do, and that nothing was written."""
    with pytest.raises(
        NotVerifiedError, match=r"nothing was written(?s:.)*fine_tuned.pkl"
    ) as caught:
        verify(EXPORT, sidecar_of(), graded_of(loss=1.0, n_correct=1, sha256="c" * 64))
    assert str(caught.value).count("\n  - ") == 3


def test_a_record_without_numbers_proves_nothing() -> None:
    """Older records hold no numbers."""
    with pytest.raises(NotVerifiedError, match="holds no numbers from training"):
        verify(EXPORT, sidecar_of(validation=None), graded_of())


@pytest.mark.parametrize(("found", "is_same"), [(20.001, True), (20.003, False), (0.0, False)])
def test_large_losses_may_differ_by_a_share(found: float, *, is_same: bool) -> None:
    """An untrained network's loss has more digits before the point, and fewer after it."""
    assert is_same_loss(found, 20.0) is is_same
