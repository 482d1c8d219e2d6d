"""The order of a check: the file, its class names, its network, and a grade where images are given.

A fault is anything that would cost the grade, so a check and a grading agree.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from grader.checking.class_names import compare_class_names
from grader.checking.drawn_images import OUTPUTS, check_outputs
from grader.checking.export_file import check_reading, check_record, check_size, unread
from grader.checking.results import CheckItem, CheckRequest, CheckResult
from grader.engine.classifier import Classifier
from grader.engine.inference import Progress
from grader.errors import ModelRefusedError
from grader.grading.grade import grade
from grader.grading.request import GradeRequest
from grader.grading.testset import first_photo_size, list_test_folder
from grader.loading.classifiers import classifier_of
from grader.loading.inspecting import inspect_file
from grader.loading.refusal import RefusedExportError
from grader.results.report import GradeReport, SpecInfo
from grader.words.language import ENGLISH
from grader.words.notices import notice_sentence
from hidden_test_spec.images import ImageFolder


def check_export(
    request: CheckRequest, *, on_progress: Progress = lambda _done, _total: None
) -> CheckResult:
    """Check everything that a grading would, and report all findings at once.

    Raises:
        BadInputError: If the export can't be read, or the folder can't be graded on.
        MachineError: If this machine lacks the memory.
    """
    spec = request.spec
    folder = None if request.data is None else list_test_folder(request.data, spec=spec)
    found = _look_at_file(request, folder)
    sha256 = None if found.classifier is None else found.classifier.info.sha256
    items = (*found.items, *check_record(request.model, sha256=sha256))
    report = None
    if request.data is not None:
        grading = GradeRequest(
            model=request.model, data=request.data, baseline=request.baseline, spec=spec
        )
        items, report = _graded(items, grading, found.classifier, on_progress)
    return CheckResult(
        path=request.model,
        spec=SpecInfo(name=spec.name, version=spec.version),
        items=items,
        report=report,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the file shows, and the classifier; None if it can't be loaded."""

    items: tuple[CheckItem, ...]
    classifier: Classifier | None = None


def _look_at_file(request: CheckRequest, folder: ImageFolder | None) -> _Found:
    """What the file shows, its class names and its network, as far as each can be reached."""
    limits = request.spec.limits
    try:
        inspection = inspect_file(request.model)
    except RefusedExportError as error:
        return _Found(items=(unread(error),))
    items = (check_size(inspection.size_bytes, limits), *check_reading(inspection))
    if inspection.vocab:
        items = (*items, *compare_class_names(inspection.vocab, request.spec))
    if inspection.refusals:
        return _Found(items=items)
    try:
        classifier = classifier_of(inspection, photo_size=partial(first_photo_size, folder))
        return _Found(items=(*items, *check_outputs(classifier, limits)), classifier=classifier)
    except ModelRefusedError as error:
        return _Found(items=(*items, _refused(error, request.model, name="network")))


def _graded(
    items: tuple[CheckItem, ...],
    request: GradeRequest,
    candidate: Classifier | None,
    on_progress: Progress,
) -> tuple[tuple[CheckItem, ...], GradeReport | None]:
    """The given items with those of the grade added, and the report.

    Where the given images can be graded, they overrule what the drawn ones showed.
    """
    if any(item.status == "fault" and item.name != OUTPUTS for item in items):
        said = "not graded on the images, because of its faults"
        advice = "fix them and run this again"
        return (*items, CheckItem(name="grade", status="warning", said=said, advice=advice)), None
    try:
        report = grade(request, candidate=candidate, on_progress=on_progress)
    except ModelRefusedError as error:
        return (*items, _refused(error, request.model, name="grade")), None
    overruled = (
        replace(item, status="warning") if item.status == "fault" else item for item in items
    )
    return (*overruled, *_grade_items(report)), report


def _grade_items(report: GradeReport) -> Iterable[CheckItem]:
    n_images, n_correct = report.test_set.n_images, report.scores.metrics.n_correct
    said = f"{n_correct} of the {n_images} given images right"
    if report.grade is not None:
        said += f", {report.grade.points:g} of {report.grade.points_possible:g} points"
    if report.grade is None or report.grade.passed:
        yield CheckItem(name="grade", status="ok", said=said)
    else:
        advice = "train longer or on more photos, and look at which classes are confused"
        yield CheckItem(
            name="grade", status="fault", said=f"{said}: below the rubric", advice=advice
        )
    for notice in report.notices:
        said = notice_sentence(notice, ENGLISH).removesuffix(".")
        yield CheckItem(name="grade", status="warning", said=said)


def _refused(error: ModelRefusedError, model: Path, *, name: str) -> CheckItem:
    is_about_model = error.where.startswith(str(model))
    where = "" if is_about_model else f" ({error.where})"
    what = error.reason if isinstance(error, RefusedExportError) else error.what
    return CheckItem(name=name, status="fault", said=what + where, advice=error.advice)
