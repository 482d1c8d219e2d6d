"""Compares two finished runs, paired by the images' hashes. No model is needed.

The models are scored again on the images that both runs scored, so that every number of the
comparison is about the same images.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.errors import BadInputError
from grader.grading.copies import photo_numbers
from grader.results.answers import Predictions
from grader.results.editions import edition
from grader.results.report import (
    Evidence,
    GradeReport,
    ImageRecord,
    Notice,
    NoticeCode,
    TestSetSummary,
)
from grader.scoring.comparison import Pairing, ScoredModel, compare
from grader.scoring.metrics import score
from grader.scoring.sample_sizes import image_weight
from hidden_test_spec.errors import quote_all
from hidden_test_spec.labels import label_key

ASK_ANYWAY = "compare two runs on the same test set, or add --allow-different"


def compare_reports(
    first: GradeReport, second: GradeReport, *, allow_different: bool = False
) -> GradeReport:
    """The second run with the first as its baseline, on the images that both scored.

    It has no verdicts: a rubric is about a whole test set. Images that only one run has are named
    in notices.

    Two images are the same if their hashes and their classes are. Copies of one image in one class
    are paired in the order of their names.

    Raises:
        BadInputError: If a run is a student's edition, the classes differ, no image is in both, or
            the test sets differ and `allow_different` is False.
    """
    runs = tuple(_Run(report=one, evidence=_evidence_of(one)) for one in (first, second))
    _check_classes(first, second)
    keys = tuple(_image_keys(run.evidence.images) for run in runs)
    shared = set(keys[0]) & set(keys[1])
    only_in = tuple(
        tuple(image.name for key, image in own.items() if key not in shared) for own in keys
    )
    if any(only_in) and not allow_different:
        raise _different_test_sets(only_in, n_shared=len(shared))
    images = tuple(image for key, image in keys[1].items() if key in shared)
    order = tuple(key for key in keys[1] if key in shared)
    rows = tuple(run.rows_of(order, keys[number]) for number, run in enumerate(runs))
    is_scored = [all(row is not None for row in pair) for pair in zip(*rows, strict=True)]
    if not any(is_scored):
        raise BadInputError(
            what="No image was scored in both runs",
            where=f"{first.model.path}, {second.model.path}",
            advice="compare two runs on the same test set",
        )
    records = tuple(
        image
        if scored or image.unreadable is not None
        else replace(image, unreadable="the first run could not read it")
        for image, scored in zip(images, is_scored, strict=True)
    )
    return _paired_report(runs, rows, records, tuple(_notices(second, only_in)))


ImageKey = tuple[str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A finished run with what it knows about single images."""

    report: GradeReport
    evidence: Evidence

    def rows_of(
        self, order: Sequence[ImageKey], images: dict[ImageKey, ImageRecord]
    ) -> tuple[int | None, ...]:
        """Rows of the predictions in this order; None for an image that was not scored.

        `images` holds this run's own images, in its order.
        """
        scored = (key for key, image in images.items() if image.unreadable is None)
        row_of = {key: row for row, key in enumerate(scored)}
        return tuple(row_of.get(key) for key in order)


def _evidence_of(report: GradeReport) -> Evidence:
    evidence = edition(report, "instructor").evidence
    if evidence is None:
        raise BadInputError(
            what="This report doesn't list the single images",
            where=report.model.path,
            advice="pass the report.json of an instructor's edition",
        )
    return evidence


def _check_classes(first: GradeReport, second: GradeReport) -> None:
    """Both runs must have been scored on the same classes, in any order."""
    classes = [{label_key(label) for label in one.test_set.classes} for one in (first, second)]
    if classes[0] != classes[1]:
        raise BadInputError(
            what=f"The runs have different classes: {quote_all(first.test_set.classes)}, and "
            f"{quote_all(second.test_set.classes)}",
            where=f"{first.model.path}, {second.model.path}",
            advice="grade both models with the same spec",
        )


def _image_keys(images: Iterable[ImageRecord]) -> dict[ImageKey, ImageRecord]:
    """Each image by its hash, its class, and its number among copies of itself there."""
    n_seen: Counter[tuple[str, str]] = Counter()
    by_key: dict[ImageKey, ImageRecord] = {}
    for image in images:
        same = image.sha256, label_key(image.label)
        by_key[*same, n_seen[same]] = image
        n_seen[same] += 1
    return by_key


def _different_test_sets(only_in: tuple[tuple[str, ...], ...], *, n_shared: int) -> BadInputError:
    lists = "; ".join(
        f"only in the {name}: {len(names)} ({quote_all(names)})"
        for name, names in zip(("first", "second"), only_in, strict=True)
        if names
    )
    return BadInputError(
        what=f"The runs graded different test sets: {n_shared} images are in both; {lists}",
        where="the two reports",
        advice=ASK_ANYWAY,
    )


def _notices(second: GradeReport, only_in: tuple[tuple[str, ...], ...]) -> Iterator[Notice]:
    """Notices about the second run, and about what the runs don't share."""
    yield from (notice for notice in second.notices if notice.code != "no_baseline")
    codes: tuple[NoticeCode, ...] = ("only_in_first", "only_in_second")
    for code, names in zip(codes, only_in, strict=True):
        if names:
            yield Notice(code=code, n=len(names), images=names)


def _paired_report(
    runs: tuple[_Run, ...],
    rows: tuple[tuple[int | None, ...], ...],
    records: Sequence[ImageRecord],
    notices: tuple[Notice, ...],
) -> GradeReport:
    second = runs[1]
    classes, statistics = second.report.test_set.classes, second.report.statistics
    position_of = {label_key(label): position for position, label in enumerate(classes)}
    scored = tuple(image for image in records if image.unreadable is None)
    targets = np.array([position_of[label_key(image.label)] for image in scored], dtype=np.intp)
    chosen = [
        [
            own
            for own, other in zip(rows[number], rows[1 - number], strict=True)
            if other is not None
        ]
        for number in (0, 1)
    ]
    n_counted = len(scored) if statistics.unreadable == "left_out" else len(records)
    photos = photo_numbers(scored)
    models = []
    for run, own_rows in zip(runs, chosen, strict=True):
        kept = [row for row in own_rows if row is not None]
        predictions = _rearranged(run.evidence.predictions, kept, classes)
        scores = score(
            predictions, targets, n_images=n_counted, statistics=statistics, photos=photos
        )
        models.append(ScoredModel(info=run.report.model, predictions=predictions, scores=scores))
    pairing = Pairing(
        images=scored, targets=targets, n_images=n_counted, statistics=statistics, photos=photos
    )
    return replace(
        second.report,
        test_set=TestSetSummary(
            path=second.report.test_set.path,
            classes=classes,
            n_images=len(records),
            n_unreadable=len(records) - len(scored),
            n_counted=n_counted,
            n_photos=len(np.unique(photos)),
            n_effective=n_counted * image_weight(photos),
            n_other_files=second.report.test_set.n_other_files,
            n_rotated=second.report.test_set.n_rotated,
        ),
        scores=models[1].scores,
        comparison=compare(models[0], models[1], pairing),
        verdicts=(),
        grade=None,
        notices=notices,
        evidence=Evidence(
            images=tuple(records),
            other_files=second.evidence.other_files,
            predictions=models[1].predictions,
            baseline_predictions=models[0].predictions,
        ),
    )


def _rearranged(
    predictions: Predictions, rows: Sequence[int], classes: tuple[str, ...]
) -> Predictions:
    """These rows, with their columns renamed and reordered to these classes."""
    column_of = {label_key(label): column for column, label in enumerate(predictions.labels)}
    columns = [column_of[label_key(label)] for label in classes]
    position_of = {column: position for position, column in enumerate(columns)}
    name_of = {predictions.labels[column]: classes[position_of[column]] for column in columns}
    chosen, order = np.array(rows, dtype=np.intp), np.array(columns, dtype=np.intp)
    return Predictions(
        labels=classes,
        vocab_labels=tuple(name_of[label] for label in predictions.vocab_labels),
        log_probabilities=predictions.log_probabilities[np.ix_(chosen, order)],
        predictions=np.array(
            [position_of[int(one)] for one in predictions.predictions[chosen]], dtype=np.intp
        ),
    )
