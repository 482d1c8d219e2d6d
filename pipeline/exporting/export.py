"""A trained stage as files: the learner by fastai's export, and the sidecar beside it.

An export holds nothing of this package, so that plain fastai loads it anywhere.
"""

import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, JsonValue

from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import Epoch, Normalisation, Sidecar, WeightsOrigin, write_sidecar
from pipeline.splitting.dataset import Dataset
from pipeline.training.machine import machine_errors
from pipeline.training.measuring import measure, plain_splitter
from pipeline.training.settings import TrainingSettings

Stage = Literal["first_stage", "fine_tuned"]

_LIBRARIES = (
    "classifier-grader",
    "fastai",
    "imagehash",
    "numpy",
    "pillow",
    "timm",
    "torch",
    "torchvision",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What both exports of a run share: the data set, the settings and the starting point."""

    dataset: Dataset
    settings: TrainingSettings
    architecture: str
    weights: WeightsOrigin
    normalisation: Normalisation


def export_stage(
    learner: Any,
    stage: Stage,
    provenance: Provenance,
    history: tuple[Epoch, ...],
) -> Path:
    """Write `<stage>.pkl` and its sidecar into the learner's folder.

    Returns:
        The path of the export.

    Raises:
        FileAccessError: If a file can't be written.
    """
    export: Path = learner.path / f"{stage}.pkl"
    partial = export.with_name(f".{export.name}.partial")
    try:
        with machine_errors(path=export, batch_size=provenance.settings.batch_size):
            validation = measure(learner)
            with _portable(learner):
                learner.export(partial.absolute())
            partial.replace(export)
            sidecar = _sidecar(export, stage, provenance, history)
            write_sidecar(sidecar.model_copy(update={"validation": validation}), export)
    finally:
        with suppress(OSError):
            partial.unlink()
    return export


@contextmanager
def _portable(learner: Any) -> Iterator[None]:
    """Leave this machine's folder names and this package's functions out of the export.

    The optimizer is put aside: fastai would make it again, for the groups of the other splitter.
    """
    paths = learner.path, learner.dls.path
    splitter, optimizer = learner.splitter, learner.opt
    learner.path = learner.dls.path = Path()
    learner.splitter, learner.opt = plain_splitter(splitter), None
    try:
        yield
    finally:
        learner.path, learner.dls.path = paths
        learner.splitter, learner.opt = splitter, optimizer


def _sidecar(
    export: Path,
    stage: Stage,
    provenance: Provenance,
    history: tuple[Epoch, ...],
) -> Sidecar:
    return Sidecar(
        export=export.name,
        sha256=sha256_of(export),
        stage=stage,
        vocab=provenance.dataset.vocab,
        architecture=provenance.architecture,
        weights=provenance.weights,
        normalisation=provenance.normalisation,
        image_size_px=provenance.settings.image_size_px,
        seed=provenance.settings.seed,
        versions={
            "python": platform.python_version(),
            **{library: version(library) for library in _LIBRARIES},
        },
        split=provenance.dataset.split,
        history=history,
        images=provenance.dataset.images,
        settings={name: _plain(value) for name, value in asdict(provenance.settings).items()},
    )


def _plain(value: Any) -> JsonValue:
    """A setting as it stands in a record; of a path only the name, and no folder."""
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, Path):
        return value.name
    return value if isinstance(value, (bool, int, float)) or value is None else str(value)
