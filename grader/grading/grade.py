"""The one function that knows the order of the steps: from a request to a `GradeReport`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from grader.engine.answers import Run
from grader.engine.classifier import Classifier
from grader.engine.devices import resolve_device
from grader.engine.inference import Progress, run_models
from grader.errors import BadInputError
from grader.grading.copies import photo_numbers, same_photos
from grader.grading.looks import with_explanations
from grader.grading.notices import folder_notices, image_notices, model_notices, rubric_notices
from grader.grading.opening import Opened, open_request
from grader.grading.request import GradeRequest
from grader.grading.testset import (
    Classes,
    classes_of,
    first_photo_size,
    read_test_set,
    refuse_lacking_models,
)
from grader.grading.worse_photos import Trial, with_robustness
from grader.loading.classifiers import classifier_of
from grader.results.answers import Engine, ModelOutputs, TestSet
from grader.results.report import Evidence, GradeReport, ImageRecord, SpecInfo, TestSetSummary
from grader.results.scores import Statistics
from grader.scoring.comparison import Pairing, ScoredModel, compare
from grader.scoring.metrics import score
from grader.scoring.probabilities import class_predictions
from grader.scoring.rubric import judge
from grader.scoring.sample_sizes import image_weight
from hidden_test_spec.images import display_name
from hidden_test_spec.spec import Spec


def grade(
    request: GradeRequest,
    *,
    candidate: Classifier | None = None,
    opened: Opened | None = None,
    on_progress: Progress = lambda _done, _total: None,
) -> GradeReport:
    """Grade one model, and its baseline where there is one, on an unseen folder.

    Cheap checks come first: device, folder, then the exports, and only then the images; but these
    are already being read by other processes.

    Args:
        request: What to grade.
        candidate: The request's model, if it is already loaded.
        opened: The request as `open_request` opened it, if it did.
        on_progress: Called with images done and images in all, over all models, first with 0.

    Raises:
        BadInputError: If a path, the folder or its images can't be used.
        ModelRefusedError: If an export can't be graded or lacks a class of the test set.
        MachineError: If this machine has no such device or too little memory.
    """
    device = resolve_device(request.device)
    if opened is None:
        with open_request(request, is_loaded=candidate is not None) as opening:
            return grade(request, candidate=candidate, opened=opening, on_progress=on_progress)
    pictures = opened.pictures
    load = partial(classifier_of, photo_size=partial(first_photo_size, opened.folder))
    loaded = () if candidate is None else (candidate,)
    classifiers = (*loaded, *map(load, opened.inspections))
    infos = tuple(classifier.info for classifier in classifiers)
    classes = classes_of((info.vocab for info in infos), spec=request.spec)
    refuse_lacking_models(opened.folder, classes, models=infos)
    test_set = read_test_set(opened.folder, classes, pictures=pictures)
    copies = same_photos(test_set.images)
    progress = _Steps(
        on_progress=on_progress,
        n_run=len(classifiers) * len(test_set.images),
        n_tried=len(classifiers) * len(test_set.images) * len(request.corruptions),
    )
    progress.say(0)
    outputs, engine = run_models(
        classifiers,
        test_set.images,
        pictures=pictures,
        device=device,
        batch_size=request.batch_size,
        on_progress=lambda n_done, _n_total: progress.say(n_done),
    )
    test = _test_of(test_set, classes, outputs, copies=copies, spec=request.spec)
    models = tuple(
        _scored_model(classifier, output, test)
        for classifier, output in zip(classifiers, outputs, strict=True)
    )
    runs = tuple(
        Run(classifier=classifier, pictures=pictures, device=device, batch_size=1)
        for classifier in classifiers
    )
    trial = Trial(
        images=tuple(test_set.images[row] for row in test.rows),
        targets=test.targets,
        labels_of=test.classes.label_of,
        corruptions=request.corruptions,
        level=test.statistics.level,
    )
    models = tuple(
        with_robustness(model, run, trial, on_images=progress.tried)
        for model, run in zip(models, runs, strict=True)
    )
    report = _report(request, test, models, engine)
    return with_explanations(
        report,
        runs,
        test_set.images,
        n_images=request.n_explained,
        on_image=progress.finished,
    )


@dataclass(slots=True, kw_only=True)
class _Steps:
    """Progress over all models: images as they are, then worse ones, then those to explain."""

    on_progress: Progress
    n_run: int
    n_tried: int
    n_tried_so_far: int = 0

    def say(self, n_done: int) -> None:
        self.on_progress(n_done, self.n_run + self.n_tried)

    def tried(self, n_images: int) -> None:
        self.n_tried_so_far += n_images
        self.say(self.n_run + self.n_tried_so_far)

    def finished(self) -> None:
        self.say(self.n_run + self.n_tried)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """What all models are scored on.

    Attributes:
        test_set: The images as they were listed.
        classes: What the labels are aligned to.
        records: Each image with its hash, in the order of `test_set`.
        rows: Positions of the scored images, ascending.
        targets: Class index of each scored image.
        statistics: How intervals, tests and tables are made.
    """

    test_set: TestSet
    classes: Classes
    records: tuple[ImageRecord, ...]
    rows: NDArray[np.intp]
    targets: NDArray[np.intp]
    statistics: Statistics

    @property
    def n_counted(self) -> int:
        """The images that the accuracy is a share of."""
        is_left_out = self.statistics.unreadable == "left_out"
        return len(self.rows) if is_left_out else len(self.records)

    @property
    def photos(self) -> NDArray[np.intp]:
        """A number for each scored image, the same for those that show one photo."""
        return photo_numbers([self.records[row] for row in self.rows])


def _test_of(
    test_set: TestSet,
    classes: Classes,
    outputs: Sequence[ModelOutputs],
    *,
    copies: Mapping[int, str],
    spec: Spec | None,
) -> _Test:
    rows = _shared_rows(test_set, outputs)
    reasons = _unreadable(outputs)
    index_of = {label: index for index, label in enumerate(test_set.labels)}
    reporting = {} if spec is None else spec.reporting.model_dump()
    return _Test(
        test_set=test_set,
        classes=classes,
        records=tuple(
            ImageRecord(
                name=image.name,
                label=image.label,
                sha256=image.sha256,
                unreadable=reasons.get(position),
                same_photo_as=copies.get(position),
            )
            for position, image in enumerate(test_set.images)
        ),
        rows=rows,
        targets=np.array([index_of[test_set.images[row].label] for row in rows], dtype=np.intp),
        statistics=Statistics(**reporting),
    )


def _shared_rows(test_set: TestSet, outputs: Sequence[ModelOutputs]) -> NDArray[np.intp]:
    """Positions of the images that every model could read, ascending."""
    rows = outputs[0].positions
    for output in outputs[1:]:
        rows = np.intersect1d(rows, output.positions)
    if not len(rows):
        raise BadInputError(
            what=f"None of the {len(test_set.images)} images can be read; reason for the first: "
            f"{outputs[0].unreadable[0][1]}",
            where=str(test_set.root),
            advice="check that the files are the photos themselves and were copied whole",
        )
    return rows


def _unreadable(outputs: Sequence[ModelOutputs]) -> dict[int, str]:
    """Positions of the images that some model could not read, with the first reason given."""
    reasons: dict[int, str] = {}
    for output in outputs:
        for position, reason in output.unreadable:
            reasons.setdefault(position, reason)
    return reasons


def _scored_model(classifier: Classifier, output: ModelOutputs, test: _Test) -> ScoredModel:
    chosen = np.isin(output.positions, test.rows)
    predictions = class_predictions(
        output.logits[chosen],
        output_labels=tuple(
            test.classes.label_of(entry) or entry for entry in classifier.info.vocab
        ),
        labels=test.test_set.labels,
        image_sha256=lambda row: test.records[test.rows[row]].sha256,
    )
    scores = score(
        predictions,
        test.targets,
        n_images=test.n_counted,
        statistics=test.statistics,
        photos=test.photos,
    )
    return ScoredModel(info=classifier.info, predictions=predictions, scores=scores)


def _report(
    request: GradeRequest, test: _Test, models: Sequence[ScoredModel], engine: Engine
) -> GradeReport:
    candidate, baseline = models[0], models[1] if len(models) > 1 else None
    pairing = Pairing(
        images=tuple(test.records[row] for row in test.rows),
        targets=test.targets,
        n_images=test.n_counted,
        statistics=test.statistics,
        photos=test.photos,
    )
    comparison = None if baseline is None else compare(baseline, candidate, pairing)
    spec = request.spec
    verdicts, points = (
        ((), None) if spec is None else judge(spec.rubric, candidate.scores, comparison)
    )
    return GradeReport(
        audience="instructor",
        model=candidate.info,
        spec=None if spec is None else SpecInfo(name=spec.name, version=spec.version),
        statistics=test.statistics,
        test_set=_summary(test),
        scores=candidate.scores,
        comparison=comparison,
        verdicts=verdicts,
        grade=points,
        engine=engine,
        notices=(
            *folder_notices(test.test_set, spec=spec),
            *image_notices(test.records, unreadable=test.statistics.unreadable),
            *rubric_notices(spec, n_models=len(models)),
            *(notice for model in models for notice in model_notices(model, test.records)),
        ),
        evidence=Evidence(
            images=test.records,
            other_files=test.test_set.other_files,
            predictions=candidate.predictions,
            baseline_predictions=None if baseline is None else baseline.predictions,
        ),
    )


def _summary(test: _Test) -> TestSetSummary:
    photos = test.photos
    return TestSetSummary(
        path=display_name(str(test.test_set.root)),
        classes=test.test_set.labels,
        n_images=len(test.records),
        n_unreadable=sum(record.unreadable is not None for record in test.records),
        n_counted=test.n_counted,
        n_photos=len(np.unique(photos)),
        n_effective=test.n_counted * image_weight(photos),
        n_other_files=len(test.test_set.other_files),
        n_rotated=sum(
            image.header is not None and image.header.is_rotated for image in test.test_set.images
        ),
    )
