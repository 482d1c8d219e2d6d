"""Turns a report's JSON back into the `GradeReport` it was written from."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import islice
from pathlib import Path

import numpy as np
from pydantic import ValidationError
from pydantic_core import from_json

from grader.errors import BadInputError
from grader.reports.document.consistency import contradictions, unusable_numbers
from grader.reports.document.schema import (
    AnswersDocument,
    ComparisonDocument,
    MatrixDocument,
    ModelDocument,
    ReportDocument,
    TestSetDocument,
)
from grader.results.answers import Engine, Predictions
from grader.results.comparisons import Comparison, ImageChanges
from grader.results.models import ModelInfo, Provenance
from grader.results.preprocessing import Preprocessing
from grader.results.report import Evidence, GradeReport, TestSetSummary, Verdict
from grader.results.scores import ConfusionMatrix, ModelScores
from hidden_test_spec.errors import plain
from hidden_test_spec.regular_files import read_regular

_ADVICE = "pass the report.json that grader evaluate wrote, unchanged"
MAX_BYTES = 256_000_000  # about 100,000 images in 50 classes
_MAX_LISTED = 5
_MAX_CHARACTERS = 1_000


def read_report(path: Path) -> GradeReport:
    """Read a report that was written as JSON.

    Raises:
        BadInputError: If there is no such file, or it is not a report, or contradicts itself.
    """
    try:
        text = _text_of(path)
        faults = list(islice(unusable_numbers(from_json(text, allow_inf_nan=False)), _MAX_LISTED))
        document = ReportDocument.model_validate_json(text, strict=True)
        faults += islice(contradictions(document), _MAX_LISTED)
        if faults:
            raise _refused("This report contradicts itself", path, faults)
        return _report(document)
    except OSError as error:
        what = f"The report can't be read ({error.strerror})"
        raise BadInputError(what=what, where=str(path), advice="check the path") from error
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}"
            for one in error.errors(include_url=False, include_input=False)[:_MAX_LISTED]
        ]
        raise _refused("This is not a report of this version", path, faults) from error
    except ValueError as error:
        raise _refused("This is not a report", path, [str(error)]) from error


def _text_of(path: Path) -> str:
    size_bytes = path.stat().st_size
    if size_bytes > MAX_BYTES:
        limit = f"it has {size_bytes} bytes, and a report has at most {MAX_BYTES}"
        raise _refused("This is not a report", path, [limit])
    return read_regular(path, max_bytes=MAX_BYTES, follows_links=True).decode("utf-8")


def _refused(what: str, path: Path, faults: Sequence[str]) -> BadInputError:
    listed = plain("; ".join(faults))
    if len(listed) > _MAX_CHARACTERS:
        listed = listed[:_MAX_CHARACTERS] + "…"
    return BadInputError(what=f"{what} ({listed})", where=str(path), advice=_ADVICE)


def _report(document: ReportDocument) -> GradeReport:
    test_set = document.test_set
    return GradeReport(
        audience=document.audience,
        model=_model(document.model),
        spec=document.spec,
        statistics=document.statistics,
        test_set=TestSetSummary(
            **{one.name: getattr(test_set, one.name) for one in fields(TestSetSummary)}
        ),
        scores=_scores(document),
        comparison=None if document.comparison is None else _comparison(document.comparison),
        verdicts=tuple(
            Verdict(**{one.name: getattr(verdict, one.name) for one in fields(Verdict)})
            for verdict in document.verdicts
        ),
        grade=document.grade,
        engine=Engine(
            **document.engine.model_dump(exclude={"versions"}),
            versions=tuple(document.engine.versions.items()),
        ),
        notices=document.notices,
        evidence=_evidence(document, test_set),
    )


def _model(model: ModelDocument) -> ModelInfo:
    provenance = model.provenance
    steps = provenance.preprocessing
    return ModelInfo(
        path=model.path,
        sha256=model.sha256,
        architecture=model.architecture,
        vocab=model.vocab,
        provenance=Provenance(
            size_bytes=provenance.size_bytes,
            n_parameters=provenance.n_parameters,
            generation=provenance.generation,
            versions=tuple(provenance.versions.items()),
            preprocessing=Preprocessing(
                mode=steps.mode,
                image_steps=tuple(one.settings for one in steps.image_steps),
                tensor_steps=tuple(one.settings for one in steps.tensor_steps),
                batch_steps=tuple(one.settings for one in steps.batch_steps),
                left_out=steps.left_out,
            ),
            record=provenance.record,
        ),
    )


def _scores(document: ReportDocument) -> ModelScores:
    return ModelScores(
        metrics=document.metrics,
        per_class=document.per_class,
        confusion_matrix=_matrix(document.confusion_matrix),
        most_confused=document.most_confused,
        reliability=document.reliability,
        undefined=document.undefined,
        robustness=document.robustness,
    )


def _matrix(matrix: MatrixDocument) -> ConfusionMatrix:
    return ConfusionMatrix(vocab=matrix.labels, counts=matrix.counts)


def _comparison(document: ComparisonDocument) -> Comparison:
    own = {one.name for one in fields(Comparison)}
    same = {name: getattr(document, name) for name in own & type(document).model_fields.keys()}
    changes = None
    if document.regressions is not None:
        changes = ImageChanges(
            regressions=document.regressions,
            improvements=document.improvements or (),
            confidence_drops=document.confidence_drops or (),
            confidence_gains=document.confidence_gains or (),
        )
    return Comparison(
        **same,
        baseline=_model(document.baseline_model),
        baseline_scores=ModelScores(
            metrics=document.baseline_metrics,
            per_class=document.baseline_per_class,
            confusion_matrix=_matrix(document.baseline_confusion_matrix),
            most_confused=document.baseline_most_confused,
            reliability=document.baseline_reliability,
            undefined=document.baseline_undefined,
            robustness=document.baseline_robustness,
        ),
        changes=changes,
    )


def _evidence(document: ReportDocument, test_set: TestSetDocument) -> Evidence | None:
    predictions = document.predictions
    if predictions is None or test_set.images is None:
        return None
    return Evidence(
        images=test_set.images,
        other_files=test_set.other_files or (),
        predictions=_predictions(predictions.candidate, test_set.classes),
        baseline_predictions=None
        if predictions.baseline is None
        else _predictions(predictions.baseline, test_set.classes),
        explanations=document.explanations or (),
    )


def _predictions(answers: AnswersDocument, classes: tuple[str, ...]) -> Predictions:
    rows = [
        [-np.inf if value is None else value for value in row] for row in answers.log_probabilities
    ]
    return Predictions(
        labels=classes,
        vocab_labels=answers.vocab_labels,
        log_probabilities=np.array(rows, dtype=np.float64),
        predictions=np.array(answers.predictions, dtype=np.intp),
    )
