"""The one function that knows the order of the steps: from a request to a `GradeReport`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.errors import BadInputError
from grader.grade_warnings import grade_warnings
from grader.inference import Progress, resolve_device, run_models
from grader.loading.classifier import Classifier
from grader.loading.learner import load_classifier
from grader.model_size import refuse_large_models
from grader.results import (
    Engine,
    GradeReport,
    GradeRequest,
    ModelOutputs,
    Predictions,
    SpecInfo,
    TestImage,
    TestSet,
    UnreadableImage,
)
from grader.scoring.comparison import ScoredModel, compare
from grader.scoring.metrics import score
from grader.scoring.probabilities import class_predictions
from grader.scoring.rubric import judge
from grader.testset import Classes, align, classes_of, list_test_folder
from hidden_test_spec.images import sha256_of


def grade(
    request: GradeRequest, *, on_progress: Progress = lambda _done, _total: None
) -> GradeReport:
    """Grade one model, and its baseline where there is one, on an unseen folder.

    Cheap checks come first: device, folder, then the exports, and only then the images.

    Raises:
        BadInputError: If a path, the folder or its images can't be used.
        ModelRefusedError: If an export can't be graded or lacks a class of the test set.
        MachineError: If this machine has no such device or too little memory.
    """
    device = resolve_device(request.device)
    folder = list_test_folder(request.data, spec=request.spec)
    paths = (request.model, *([] if request.baseline is None else [request.baseline]))
    if request.spec is not None:
        refuse_large_models(paths, request.spec.limits)
    classifiers = tuple(load_classifier(path) for path in paths)
    infos = tuple(classifier.info for classifier in classifiers)
    classes = classes_of((info.vocab for info in infos), spec=request.spec)
    test_set = align(folder, classes, models=infos)
    outputs, engine = run_models(
        classifiers,
        test_set.images,
        device=device,
        batch_size=request.batch_size,
        on_progress=on_progress,
    )
    shared = _shared_rows(test_set, outputs)
    models = tuple(
        _scored_model(classifier, output, _Test(test_set=test_set, classes=classes, rows=shared))
        for classifier, output in zip(classifiers, outputs, strict=True)
    )
    return _report(request, _Graded(test_set, shared, outputs, models, engine))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """What both models are scored on; `rows` are positions of the scored images."""

    test_set: TestSet
    classes: Classes
    rows: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Graded:
    """What the report is made of: the candidate's values first, then the baseline's."""

    test_set: TestSet
    rows: NDArray[np.intp]
    outputs: tuple[ModelOutputs, ...]
    models: tuple[ScoredModel, ...]
    engine: Engine


def _shared_rows(test_set: TestSet, outputs: Sequence[ModelOutputs]) -> NDArray[np.intp]:
    """Positions of the images that every model could read, ascending."""
    rows = outputs[0].positions
    for output in outputs[1:]:
        rows = np.intersect1d(rows, output.positions)
    if not len(rows):
        raise BadInputError(
            what=f"None of the {len(test_set.images)} images can be read; the first says: "
            f"{outputs[0].unreadable[0][1]}",
            where=str(test_set.root),
            advice="check that the files are the photos themselves and were copied whole",
        )
    return rows


def _targets(test_set: TestSet, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Class index of each scored image."""
    index_of = {label: index for index, label in enumerate(test_set.labels)}
    return np.array([index_of[test_set.images[row].label] for row in rows], dtype=np.intp)


def _scored_model(classifier: Classifier, output: ModelOutputs, test: _Test) -> ScoredModel:
    chosen = np.isin(output.positions, test.rows)
    predictions = class_predictions(
        output.logits[chosen],
        output_labels=tuple(
            test.classes.label_of(entry) or entry for entry in classifier.info.vocab
        ),
        labels=test.test_set.labels,
        image_sha256=lambda row: _image_sha256(test.test_set.images[test.rows[row]]),
    )
    scores = score(
        predictions, _targets(test.test_set, test.rows), n_images=len(test.test_set.images)
    )
    return ScoredModel(info=classifier.info, predictions=predictions, scores=scores)


def _image_sha256(image: TestImage) -> str:
    try:
        return sha256_of(image.path)
    except OSError as error:
        raise BadInputError(
            what=f"An image of the test folder can't be read any more ({error.strerror or error})",
            where=str(image.path),
            advice="leave the folder as it is while grading, and grade again",
        ) from error


def _report(request: GradeRequest, graded: _Graded) -> GradeReport:
    candidate, *baselines = graded.models
    test_set = graded.test_set
    scored = tuple(test_set.images[row] for row in graded.rows)
    targets = _targets(test_set, graded.rows)
    n_images = len(test_set.images)
    comparison = (
        compare(baselines[0], candidate, images=scored, targets=targets, n_images=n_images)
        if baselines
        else None
    )
    spec = request.spec
    verdicts, points = (
        ((), None) if spec is None else judge(spec.rubric, candidate.scores, comparison)
    )
    return GradeReport(
        model=candidate.info,
        spec=None if spec is None else SpecInfo(name=spec.name, version=spec.version),
        test_set=test_set,
        unreadable=_unreadable(graded),
        scored=scored,
        scores=candidate.scores,
        predictions=candidate.predictions,
        baseline_predictions=_predictions_of(baselines),
        comparison=comparison,
        verdicts=verdicts,
        grade=points,
        engine=graded.engine,
        warnings=grade_warnings(test_set, graded.models, spec=spec),
    )


def _predictions_of(models: Sequence[ScoredModel]) -> Predictions | None:
    return models[0].predictions if models else None


def _unreadable(graded: _Graded) -> tuple[UnreadableImage, ...]:
    """Images that some model could not read, with the first reason given."""
    reasons: dict[int, str] = {}
    for output in graded.outputs:
        for position, reason in output.unreadable:
            reasons.setdefault(position, reason)
    return tuple(
        UnreadableImage(image=graded.test_set.images[position].name, reason=reasons[position])
        for position in sorted(reasons)
    )
