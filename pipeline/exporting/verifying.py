"""Whether an export, loaded by another program, does what it did at the end of training."""

import math
from importlib.metadata import version
from pathlib import Path

from hidden_test_spec.sidecar import ExportProof, Measured, Sidecar
from pipeline.exporting.asking_grader import Graded
from pipeline.exporting.errors import NotVerifiedError

# The tolerance of float32 when another program adds in another order: in nats, and for losses above
# one nat as a share of them.
_LOSS_TOLERANCE = 1e-4


def verify(export: Path, sidecar: Sidecar, graded: Graded) -> ExportProof:
    """Proof that the grader's numbers on the val part equal those of training.

    Args:
        export: The file, for messages.
        sidecar: What training recorded.
        graded: What the grader found on the val part.

    Raises:
        NotVerifiedError: With every difference.
    """
    differences = _differences(sidecar, graded)
    if differences:
        raise NotVerifiedError(export=export, differences=tuple(differences))
    return ExportProof(
        tool=f"classifier-grader {version('classifier-grader')}",
        device=graded.device,
        measured=Measured(n_images=graded.n_scored, loss=graded.loss, accuracy=graded.accuracy),
    )


def is_same_loss(found: float, expected: float) -> bool:
    """Whether two losses, in nats, are one loss calculated twice."""
    return math.isclose(found, expected, rel_tol=_LOSS_TOLERANCE, abs_tol=_LOSS_TOLERANCE)


def _differences(sidecar: Sidecar, graded: Graded) -> list[str]:
    expected = sidecar.validation
    if expected is None:
        return ["the record holds no numbers from training"]
    found = []
    if graded.sha256 != sidecar.sha256:
        found.append("the file is not the one that the record was written for")
    recorded = sorted(image.sha256 for image in sidecar.images if image.part == "val")
    if sorted(image.sha256 for image in graded.images) != recorded:
        found.append("the images are not those of the recorded val part")
    n_correct = round(expected.accuracy * expected.n_images)
    if (graded.n_correct, graded.n_scored) != (n_correct, expected.n_images):
        found.append(
            f"{graded.n_correct} of {graded.n_scored} images are named correctly, "
            f"but in training it was {n_correct} of {expected.n_images}"
        )
    if not is_same_loss(graded.loss, expected.loss):
        found.append(f"the loss is {graded.loss:.6f}, but in training it was {expected.loss:.6f}")
    return found
