"""Whole runs: the one place that knows the order of the steps."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hidden_test_spec.errors import quote
from hidden_test_spec.sidecar import Epoch, Stage
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.exporting.export import RunOrigin, export_stage
from pipeline.progress import Report, step
from pipeline.running.record import (
    check_place,
    check_same,
    forget_begun,
    forgotten_on_error,
    interruptible,
    read_begun,
    removed_on_error,
    write_begun,
)
from pipeline.running.settings import RunSettings, check_images, sha256_of_text, source_of
from pipeline.splitting.dataset import Dataset, read_dataset
from pipeline.splitting.split import split_images
from pipeline.training.callbacks.distributed import by_oneself, wait_for_all
from pipeline.training.errors import not_resumable_error
from pipeline.training.learners import build_learner, normalisation_of
from pipeline.training.machine import find_device, find_precision
from pipeline.training.processes import is_main
from pipeline.training.resuming import FILE_NAME, Checkpoint, read_checkpoint
from pipeline.training.settings import AUTO, TrainingSettings
from pipeline.training.stages import (
    FINE_TUNED,
    FIRST_STAGE,
    Resumption,
    fine_tune,
    train_first_stage,
)
from pipeline.training.weights.architectures import Architecture
from pipeline.training.weights.weights import BodyWeights, choose_architecture, load_weights

_DATASET_NAME = "dataset"

# What a run may choose by itself, or what settings and a record say differently.
_CHOSEN = ("architecture", "weights")


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


def run(
    images: Path, out: Path, settings: RunSettings, report: Report, *, resume: bool = False
) -> TrainingRun:
    """Split a folder of images into `out`/dataset, train both stages on it, and export them.

    Args:
        images: Folder with one folder of images per class.
        out: The folder to make; with `resume`, the one of an interrupted run.
        settings: How to split and to train.
        report: The listener.
        resume: Whether to go on with an interrupted run, whose split is kept.

    Raises:
        PipelineError: If the images, the settings or the machine don't allow it. A failure before
            training starts leaves nothing behind.
    """
    dataset, training = out / _DATASET_NAME, settings.training
    extensions = settings.splitting.extensions
    if resume:
        begun = _read_begun(out, dataset)
        check_same(out, begun, source_of(images, settings))
        return _go_on(dataset, out, training, report, extensions=extensions)
    check_place(out, images)
    with step("Checking the images", report):
        known = check_images(images, settings)
    source, start = source_of(images, settings), _start(training, report)
    with interruptible(out):
        with removed_on_error(out):
            write_begun(out, source | _beginning(training, start))
            with step("Splitting", report):
                split_images(images, dataset, settings.splitting, report, known=known)
            with step("Reading and hashing the data set", report):
                found = read_dataset(dataset, report, extensions=extensions, known=known)
            learner, origin = _prepare(found, out, start, training)
        return _train_stages(learner, origin, report, None)


def train(
    dataset: Path, out: Path, settings: TrainingSettings, report: Report, *, resume: bool = False
) -> TrainingRun:
    """Train both stages on a divided data set, and export them into `out`.

    With `resume` it goes on with the interrupted run in `out`, to the same result.

    Raises:
        PipelineError: If the data set, the settings or the machine don't allow it.
    """
    if resume:
        return _go_on(dataset, out, settings, report, extensions=IMAGE_EXTENSIONS)
    if is_main():
        check_place(out, dataset)
    wait_for_all(_device_of(settings))
    with interruptible(out), forgotten_on_error(out):
        with step("Reading and hashing the data set", report):
            found = read_dataset(dataset, report)
        learner, origin = _prepare(found, out, _start(settings, report), settings)
        if is_main():
            write_begun(out, _record(origin))
        return _train_stages(learner, origin, report, None)


def _go_on(
    dataset: Path,
    out: Path,
    settings: TrainingSettings,
    report: Report,
    *,
    extensions: tuple[str, ...],
) -> TrainingRun:
    """Go on with an interrupted run, on the architecture that auto chose for it."""
    begun = _read_begun(out, dataset)
    plain = settings.as_record()
    check_same(out, begun, {name: plain[name] for name in plain if name not in _CHOSEN})
    wait_for_all(_device_of(settings))
    with interruptible(out):
        with step("Reading and hashing the data set", report):
            found = read_dataset(dataset, report, extensions=extensions)
        is_auto = settings.architecture == AUTO
        chosen = begun.get("architecture", AUTO) if is_auto else settings.architecture
        start = _start(replace(settings, architecture=chosen), report)
        learner, origin = _prepare(found, out, start, settings)
        record = _record(origin)
        check_same(out, begun, record)
        return _train_stages(learner, origin, report, read_checkpoint(out, record))


def _read_begun(out: Path, dataset: Path) -> dict[str, Any]:
    """What the run in a folder was begun with.

    Raises:
        BadInputError: If there is nothing to go on with.
    """
    begun = read_begun(out)
    if not dataset.is_dir():
        raise not_resumable_error(out, f"{quote(str(dataset))} is not a folder")
    return begun


def _start(settings: TrainingSettings, report: Report) -> _Start:
    _device_of(settings)
    architecture = choose_architecture(settings, report)
    weights = load_weights(architecture, settings.weights, report)
    return _Start(architecture=architecture, weights=weights)


def _device_of(settings: TrainingSettings) -> Any:
    """Where to train, after checking that the settings work there."""
    device = find_device(settings.device)
    find_precision(settings.precision, device)
    return device


def _prepare(
    dataset: Dataset, out: Path, start: _Start, settings: TrainingSettings
) -> tuple[Any, RunOrigin]:
    learner = build_learner(dataset, settings, start.architecture, start.weights, out)
    origin = RunOrigin(
        dataset=dataset,
        settings=settings,
        architecture=start.architecture.name,
        weights=start.weights.origin,
        normalisation=normalisation_of(settings.recipe, start.architecture),
    )
    return learner, origin


def _beginning(settings: TrainingSettings, start: _Start) -> dict[str, Any]:
    """What is known about a run before it has a data set."""
    return settings.as_record() | {
        "architecture": start.architecture.name,
        "weights": start.weights.origin.source,
    }


def _record(origin: RunOrigin) -> dict[str, Any]:
    """What an interrupted run and the one that goes on with it must have in common."""
    return origin.settings.as_record() | {
        "architecture": origin.architecture,
        "weights": origin.weights.source,
        "images": sha256_of_text("".join(image.sha256 for image in origin.dataset.images)),
    }


def _train_stages(
    learner: Any, origin: RunOrigin, report: Report, checkpoint: Checkpoint | None
) -> TrainingRun:
    """Train and export one stage, then the other. The first export is done before stage two."""
    settings = origin.settings
    resumption = Resumption(record=_record(origin), checkpoint=checkpoint)
    first_history = resumption.first_history
    if not first_history:
        with step(f"First stage: {origin.architecture}, body frozen", report):
            first_history = train_first_stage(learner, settings, report, resumption)
        with step("Exporting the first stage", report):
            _export(learner, FIRST_STAGE, origin, first_history)
    with step("Second stage: fine-tuning", report):
        resumption = replace(resumption, earlier=first_history)
        second_history = fine_tune(learner, settings, report, resumption)
    with step("Exporting the fine-tuned model", report):
        _export(learner, FINE_TUNED, origin, first_history + second_history)
    if is_main():
        forget_begun(learner.path)
        (learner.path / FILE_NAME).unlink()
    return TrainingRun(
        dataset=origin.dataset.root,
        first_stage=learner.path / f"{FIRST_STAGE}.pkl",
        fine_tuned=learner.path / f"{FINE_TUNED}.pkl",
        first_history=first_history,
        second_history=second_history,
    )


def _export(learner: Any, stage: Stage, origin: RunOrigin, history: tuple[Epoch, ...]) -> None:
    """Export a stage, in only one of the processes that trained it."""
    if is_main():
        with by_oneself():
            export_stage(learner, stage, origin, history)
