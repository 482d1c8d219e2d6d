"""Where a model comes from: facts of its file, and the record beside it."""

from collections import Counter
from pathlib import Path

from pydantic import ValidationError

from grader.loading.learner.inspection import Inspection
from grader.results.models import Provenance, TrainingRecord
from grader.results.preprocessing import Preprocessing
from hidden_test_spec.sidecar import Sidecar, read_sidecar


def provenance_of(
    inspection: Inspection, preprocessing: Preprocessing, *, sha256: str
) -> Provenance:
    """What the file shows about itself, and what its own record beside it says.

    Args:
        inspection: Of the file.
        preprocessing: What it does to an image.
        sha256: Of the file.
    """
    sidecar = own_sidecar(inspection.path, sha256=sha256)
    return Provenance(
        size_bytes=inspection.size_bytes,
        n_parameters=inspection.n_parameters,
        generation=inspection.generation,
        versions=tuple((one.library, one.version) for one in inspection.versions),
        preprocessing=preprocessing,
        record=None if sidecar is None else _record(sidecar),
    )


def own_sidecar(export: Path, *, sha256: str) -> Sidecar | None:
    """The record beside an export; None if there is none or its hash is another file's."""
    try:
        sidecar = read_sidecar(export)
    except (OSError, ValidationError, UnicodeDecodeError):
        return None
    return sidecar if sidecar.sha256 == sha256 else None


def _record(sidecar: Sidecar) -> TrainingRecord:
    n_by_part = Counter(image.part for image in sidecar.images)
    return TrainingRecord(
        stage=sidecar.stage,
        weights=sidecar.weights.source,
        seed=sidecar.seed,
        image_size_px=sidecar.image_size_px,
        n_images=tuple((part, n_by_part[part]) for part in ("train", "val", "test")),
    )
