"""A trained stage as files: the learner as fastai exports it, and the sidecar beside it.

An export holds nothing from this package, so plain fastai loads it anywhere.
"""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, JsonValue

from hidden_test_spec.durable import replaced_atomically
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import (
    Epoch,
    Normalisation,
    Sidecar,
    Stage,
    WeightsOrigin,
    write_sidecar,
)
from pipeline.splitting.dataset import Dataset
from pipeline.training.machine import machine_errors
from pipeline.training.measuring import measure, plain_splitter
from pipeline.training.settings import TrainingSettings

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
class RunOrigin:
    """What both exports of a run share: the data set, the settings and the starting point."""

    dataset: Dataset
    settings: TrainingSettings
    architecture: str
    weights: WeightsOrigin
    normalisation: Normalisation


def export_stage(
    learner: Any,
    stage: Stage,
    origin: RunOrigin,
    history: tuple[Epoch, ...],
) -> Path:
    """Write `<stage>.pkl` and its sidecar into the learner's folder.

    Returns:
        The path of the export.

    Raises:
        FileAccessError: If a file can't be written.
    """
    export: Path = learner.path / f"{stage}.pkl"
    with machine_errors(path=export, batch_size=origin.settings.batch_size):
        validation = measure(learner)
        with replaced_atomically(export) as partial, _portable(learner):
            learner.export(partial.absolute())
        sidecar = _sidecar(export, stage, origin, history)
        write_sidecar(sidecar.model_copy(update={"validation": validation}), export)
    return export


@contextmanager
def _portable(learner: Any) -> Iterator[None]:
    """Leave this machine's folder names and this package's functions out of the export.

    The optimizer is put aside, since fastai would create it again for the groups of the other
    splitter.
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
    origin: RunOrigin,
    history: tuple[Epoch, ...],
) -> Sidecar:
    return Sidecar(
        export=export.name,
        sha256=sha256_of(export),
        stage=stage,
        vocab=origin.dataset.vocab,
        architecture=origin.architecture,
        weights=origin.weights,
        normalisation=origin.normalisation,
        image_size_px=origin.settings.image_size_px,
        seed=origin.settings.seed,
        versions={
            "python": platform.python_version(),
            **{library: version(library) for library in _LIBRARIES},
        },
        split=origin.dataset.split,
        history=history,
        images=origin.dataset.images,
        settings={name: _plain(value) for name, value in asdict(origin.settings).items()},
    )


def _plain(value: Any) -> JsonValue:
    """A setting as a record holds it; a path becomes its name, without the folder."""
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, Path):
        return value.name
    return value if isinstance(value, (bool, int, float)) or value is None else str(value)
