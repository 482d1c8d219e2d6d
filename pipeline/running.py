"""Whole runs: the one place that knows the order of the steps."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from hidden_test_spec.errors import quote
from hidden_test_spec.reading import read_spec
from hidden_test_spec.sidecar import Epoch
from hidden_test_spec.spec import IMAGE_EXTENSIONS, Spec
from pipeline.dataset import Dataset, fingerprint_all, read_dataset, unreadable_faults
from pipeline.dividing import part_faults
from pipeline.errors import BadFolderError, InterruptedRunError, PipelineError
from pipeline.exporting import Provenance, export_stage
from pipeline.folders import (
    check_new,
    check_outside,
    class_count_faults,
    list_class_folders,
    spec_faults,
)
from pipeline.progress import Report, step
from pipeline.split_settings import SplitMethod, SplitSettings, check_ratio
from pipeline.splitting import split_images
from pipeline.training.architectures import Architecture
from pipeline.training.errors import NotResumableRunError
from pipeline.training.learners import build_learner, normalisation_of
from pipeline.training.machine import find_device
from pipeline.training.processes import is_main
from pipeline.training.resuming import FILE_NAME, Checkpoint, Stage, read_checkpoint
from pipeline.training.settings import TrainingSettings
from pipeline.training.sharing_out import by_oneself, wait_for_all
from pipeline.training.stages import (
    FINE_TUNED,
    FIRST_STAGE,
    Resumption,
    fine_tune,
    train_first_stage,
)
from pipeline.training.weights import BodyWeights, choose_architecture, load_weights

DATASET_NAME = "dataset"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """The settings of a whole run; without a spec, the class folders are the classes."""

    spec: Spec | None
    splitting: SplitSettings
    training: TrainingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """What a run leaves: the data set it learned from, two exports, and their histories."""

    dataset: Path
    first_stage: Path
    fine_tuned: Path
    first_history: tuple[Epoch, ...]
    second_history: tuple[Epoch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """An architecture and its starting weights."""

    architecture: Architecture
    weights: BodyWeights


def read_run_settings(
    spec: str | None,
    *,
    ratio: tuple[float, float, float],
    method: SplitMethod,
    training: TrainingSettings,
) -> RunSettings:
    """Settings for a run, with the spec read; its endings of image files and one seed hold for all.

    Raises:
        SpecError: If the spec can't be used.
    """
    contract = None if spec is None else read_spec(spec)
    extensions = IMAGE_EXTENSIONS if contract is None else contract.layout.extensions
    splitting = SplitSettings(seed=training.seed, ratio=ratio, method=method, extensions=extensions)
    return RunSettings(spec=contract, splitting=splitting, training=training)


def run(
    images: Path, out: Path, settings: RunSettings, report: Report, *, resume: bool = False
) -> TrainingRun:
    """Split a folder of images into `out`/dataset, train both stages on it, and export them.

    Args:
        images: Folder with one folder of images per class.
        out: The folder to make; with `resume` the one that an interrupted run left.
        settings: How to split and to train.
        report: The listener.
        resume: Whether to go on with an interrupted run, whose split is kept.

    Raises:
        PipelineError: If the images, the settings or the machine don't allow it. What fails before
            training starts leaves nothing behind.
    """
    dataset = out / DATASET_NAME
    if resume:
        return train(dataset, out, settings.training, report, resume=True)
    check_new(out)
    check_outside(out, images)
    with step("Checking the images", report):
        _check_images(images, settings)
    start = _start(settings.training, report)
    with _interruptible(out):
        with _removed_on_error(out):
            with step("Splitting", report):
                split_images(images, dataset, settings.splitting, report)
            with step("Reading and hashing the data set", report):
                found = read_dataset(dataset, report, extensions=settings.splitting.extensions)
            learner, provenance = _prepare(found, out, start, settings.training)
        return _train_stages(learner, provenance, report, None)


def train(
    dataset: Path, out: Path, settings: TrainingSettings, report: Report, *, resume: bool = False
) -> TrainingRun:
    """Train both stages on a divided data set, and export them into `out`.

    With `resume` it goes on with the interrupted run that left `out`, to the same result.

    Raises:
        PipelineError: If the data set, the settings or the machine don't allow it.
    """
    if resume:
        _check_begun(dataset, out)
    elif is_main():
        check_new(out)
    wait_for_all(find_device(settings.device))
    with _interruptible(out):
        with step("Reading and hashing the data set", report):
            found = read_dataset(dataset, report)
        learner, provenance = _prepare(found, out, _start(settings, report), settings)
        checkpoint = read_checkpoint(out, _record(provenance)) if resume else None
        return _train_stages(learner, provenance, report, checkpoint)


def _check_begun(dataset: Path, out: Path) -> None:
    """Make sure that there is something to go on with.

    Raises:
        NotResumableRunError: If there is not.
    """
    if not out.is_dir():
        raise NotResumableRunError(out=out, problem="there is no such folder")
    if (out / f"{FINE_TUNED}.pkl").exists() and not (out / FILE_NAME).exists():
        raise NotResumableRunError(out=out, problem="its run is finished")
    if not dataset.is_dir():
        raise NotResumableRunError(out=out, problem=f"{quote(str(dataset))} is no folder")


def _check_images(images: Path, settings: RunSettings) -> None:
    """Collect everything that is wrong with the images, and raise it at once."""
    check_ratio(settings.splitting.ratio)
    folder = list_class_folders(images, extensions=settings.splitting.extensions)
    faults = [*class_count_faults(folder), *part_faults(folder, settings.splitting.ratio)]
    if settings.spec is not None:
        faults += spec_faults(folder, settings.spec)
    faults += unreadable_faults(images, fingerprint_all(folder))
    if faults:
        raise BadFolderError(path=images, faults=tuple(faults))


def _start(settings: TrainingSettings, report: Report) -> _Start:
    find_device(settings.device)
    architecture = choose_architecture(settings, report)
    weights = load_weights(architecture, settings.weights, report)
    return _Start(architecture=architecture, weights=weights)


def _prepare(
    dataset: Dataset, out: Path, start: _Start, settings: TrainingSettings
) -> tuple[Any, Provenance]:
    learner = build_learner(dataset, settings, start.architecture, start.weights, out)
    provenance = Provenance(
        dataset=dataset,
        settings=settings,
        architecture=start.architecture.name,
        weights=start.weights.origin,
        normalisation=normalisation_of(settings.recipe, start.architecture),
    )
    return learner, provenance


def _record(provenance: Provenance) -> dict[str, Any]:
    """What an interrupted run and the one that goes on with it must have in common."""
    images = sha256("".join(image.sha256 for image in provenance.dataset.images).encode())
    return provenance.settings.as_record() | {
        "architecture": provenance.architecture,
        "weights": provenance.weights.source,
        "images": images.hexdigest(),
    }


def _train_stages(
    learner: Any, provenance: Provenance, report: Report, checkpoint: Checkpoint | None
) -> TrainingRun:
    """Train and export one stage, then the other. The first export is done before stage two."""
    settings = provenance.settings
    resumption = Resumption(record=_record(provenance), checkpoint=checkpoint)
    first_history = resumption.first_history
    if not first_history:
        with step(f"First stage: {provenance.architecture}, body frozen", report):
            first_history = train_first_stage(learner, settings, report, resumption)
        with step("Exporting the first stage", report):
            _export(learner, FIRST_STAGE, provenance, first_history)
    with step("Second stage: fine-tuning", report):
        resumption = replace(resumption, earlier=first_history)
        second_history = fine_tune(learner, settings, report, resumption)
    with step("Exporting the fine-tuned model", report):
        _export(learner, FINE_TUNED, provenance, first_history + second_history)
    (learner.path / FILE_NAME).unlink(missing_ok=not is_main())
    return TrainingRun(
        dataset=provenance.dataset.root,
        first_stage=learner.path / f"{FIRST_STAGE}.pkl",
        fine_tuned=learner.path / f"{FINE_TUNED}.pkl",
        first_history=first_history,
        second_history=second_history,
    )


def _export(learner: Any, stage: Stage, provenance: Provenance, history: tuple[Epoch, ...]) -> None:
    """Export a stage, in one of the processes that trained it."""
    if is_main():
        with by_oneself():
            export_stage(learner, stage, provenance, history)


@contextmanager
def _interruptible(out: Path) -> Iterator[None]:
    """Turn Ctrl-C into an error that says what is kept."""
    try:
        yield
    except KeyboardInterrupt:
        entries = [path for path in out.glob("*") if path.name != "models"]
        kept = [
            *entries,
            *(path for path in out.glob("models/*.pth") if path.name not in FILE_NAME),
        ]
        names = tuple(sorted(path.relative_to(out).as_posix() for path in kept))
        raise InterruptedRunError(out=out, kept=names) from None


@contextmanager
def _removed_on_error(folder: Path) -> Iterator[None]:
    """Leave nothing behind if the block fails for a reason that the user can mend."""
    try:
        yield
    except PipelineError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
