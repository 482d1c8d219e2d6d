"""Checks that a report's document is consistent; renderers may rely on what is checked here."""

import math
from collections.abc import Iterator
from itertools import pairwise

from grader.reports.document.schema import (
    AnswersDocument,
    ComparisonDocument,
    MatrixDocument,
    ReportDocument,
)
from grader.results.scores import ClassScore, ConfusedPair, Metrics, ReliabilityBin
from hidden_test_spec.rules import parse_rule

_LARGEST_NUMBER = 2**53
_TOLERANCE = 1e-6


def unusable_numbers(value: object, where: str = "report") -> Iterator[str]:
    """Numbers that JSON can write but no report holds: infinite or huge ones.

    Args:
        value: What the file holds, as JSON values.
        where: Its place in the file.
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from unusable_numbers(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from unusable_numbers(inner, f"{where}.{number}")
    elif isinstance(value, (int, float)) and not abs(value) <= _LARGEST_NUMBER:
        yield f"{where} is out of range"


def contradictions(document: ReportDocument) -> Iterator[str]:
    """Sentences without a full stop, one for each contradiction."""
    yield from _edition(document)
    yield from _classes(document)
    yield from _scores(document.metrics, document.per_class, document.confusion_matrix, document)
    yield from _confused(document.most_confused, document)
    yield from _reliability(document.reliability, document)
    yield from _images(document)
    yield from _verdicts(document)
    if document.comparison is not None:
        yield from _comparison(document.comparison, document)
    yield from _predictions(document)
    yield from _explanations(document)
    yield from _robustness(document)


def _edition(document: ReportDocument) -> Iterator[str]:
    test_set, comparison = document.test_set, document.comparison
    parts: list[object] = [
        test_set.path,
        test_set.images,
        test_set.unreadable,
        test_set.other_files,
    ]
    parts.append(document.predictions)
    if comparison is not None:
        parts += [comparison.regressions, comparison.improvements]
        parts += [comparison.confidence_drops, comparison.confidence_gains]
    if document.audience == "student" and any(part is not None for part in parts):
        yield "a student's edition holds individual images"
    if document.audience == "instructor" and any(part is None for part in parts):
        yield "an instructor's edition lacks individual images"


def _classes(document: ReportDocument) -> Iterator[str]:
    classes, comparison = document.test_set.classes, document.comparison
    if not classes or len(set(classes)) != len(classes):
        yield "test_set.classes is empty or repeats a class"
    listed = {
        "per_class": tuple(one.label for one in document.per_class),
        "confusion_matrix.labels": document.confusion_matrix.labels,
    }
    if comparison is not None:
        listed["comparison.per_class"] = tuple(one.label for one in comparison.per_class)
        baseline = tuple(one.label for one in comparison.baseline_per_class)
        listed["comparison.baseline_per_class"] = baseline
        matrix = comparison.baseline_confusion_matrix.labels
        listed["comparison.baseline_confusion_matrix.labels"] = matrix
    for where, labels in listed.items():
        if labels != classes:
            yield f"{where} doesn't list the classes of test_set.classes in their order"


def _scores(
    metrics: Metrics,
    per_class: tuple[ClassScore, ...],
    matrix: MatrixDocument,
    document: ReportDocument,
) -> Iterator[str]:
    n_images, n_unreadable = document.test_set.n_images, document.test_set.n_unreadable
    if not 0 < metrics.n_scored == n_images - n_unreadable <= n_images:
        yield "n_scored, n_images and n_unreadable don't add up"
    elif document.test_set.n_counted != _n_counted(document):
        yield "n_counted is not what statistics.unreadable says"
    elif not 0 <= metrics.n_correct <= metrics.n_scored:
        yield "n_correct is not between 0 and n_scored"
    elif not math.isclose(metrics.accuracy, metrics.n_correct / _n_counted(document)):
        yield "accuracy is not n_correct / n_counted"
    for one in per_class:
        pairs = ((one.recall, one.recall_interval), (one.precision, one.precision_interval))
        if any((value is None) != (interval is None) for value, interval in pairs):
            yield "a class has a number without its interval, or an interval without its number"
        if (one.support is None) != (one.one_vs_rest is None):
            yield "a class has a support without counts, or counts without a support"
    yield from _matrix(matrix, per_class, document)


def _n_counted(document: ReportDocument) -> int:
    """The images that the accuracy is a share of."""
    is_left_out = document.statistics.unreadable == "left_out"
    return document.metrics.n_scored if is_left_out else document.test_set.n_images


def _confused(pairs: tuple[ConfusedPair, ...], document: ReportDocument) -> Iterator[str]:
    classes = set(document.test_set.classes)
    if any({pair.label, pair.prediction} - classes for pair in pairs):
        yield "most_confused holds a label that is not a class"


def _matrix(
    matrix: MatrixDocument, per_class: tuple[ClassScore, ...], document: ReportDocument
) -> Iterator[str]:
    n_classes = len(matrix.labels)
    rows = [row for row in matrix.counts if row is not None]
    if len(matrix.counts) != n_classes or any(len(row) != n_classes for row in rows):
        yield "a confusion matrix is not as wide and as high as it has classes"
    if any(count < 0 for row in rows for count in row):
        yield "a confusion matrix holds a negative count"
    sums = [None if row is None else sum(row) for row in matrix.counts]
    if sums != [one.support for one in per_class]:
        yield "a confusion matrix doesn't have as many images of each class as per_class"
    if None not in sums and sum(filter(None, sums)) != document.metrics.n_scored:
        yield "a confusion matrix doesn't hold n_scored images"
    if document.audience == "instructor" and None in sums:
        yield "an instructor's edition lacks a row of a confusion matrix"


def _reliability(bins: tuple[ReliabilityBin, ...], document: ReportDocument) -> Iterator[str]:
    edges = [(one.low, one.high) for one in bins]
    if any(low >= high for low, high in edges) or any(
        before[1] != after[0] for before, after in pairwise(edges)
    ):
        yield "a reliability table has gaps"
    for one in bins:
        numbers = (one.confidence, one.accuracy, one.accuracy_interval)
        n_absent = numbers.count(None)
        is_empty = one.n_images == 0
        if n_absent not in (0, 3) or (is_empty and n_absent == 0):
            yield "a bin of a reliability table has numbers that don't go together"
        if document.audience == "instructor" and n_absent and not is_empty:
            yield "an instructor's edition lacks numbers of a reliability table"
    if sum(one.n_images for one in bins) != document.metrics.n_scored:
        yield "a reliability table doesn't hold n_scored images"


def _images(document: ReportDocument) -> Iterator[str]:
    test_set = document.test_set
    images = test_set.images
    if images is None:
        return
    if len(images) != test_set.n_images:
        yield "test_set.images doesn't hold n_images images"
    if {one.label for one in images} - set(test_set.classes):
        yield "test_set.images holds a label that is not a class"
    unreadable = [(one.name, one.unreadable) for one in images if one.unreadable is not None]
    if unreadable != [(one.image, one.reason) for one in test_set.unreadable or ()]:
        yield "test_set.unreadable is not what test_set.images says"
    if len(unreadable) != test_set.n_unreadable:
        yield "test_set.n_unreadable is not what test_set.images says"


def _verdicts(document: ReportDocument) -> Iterator[str]:
    if (document.grade is None) != (not document.verdicts):
        yield "there are verdicts without a grade, or a grade without verdicts"
    if document.grade is not None:
        for name in ("points", "points_possible"):
            if getattr(document.grade, name) != sum(
                getattr(one, name) for one in document.verdicts
            ):
                yield f"the grade's {name} are not the sum of its criteria's"
    for verdict in document.verdicts:
        try:
            parse_rule(verdict.criterion)
        except ValueError as error:
            yield f"a criterion is not a rule: it {error}"


def _comparison(comparison: ComparisonDocument, document: ReportDocument) -> Iterator[str]:
    metrics = comparison.baseline_metrics
    matrix = comparison.baseline_confusion_matrix
    yield from _scores(metrics, comparison.baseline_per_class, matrix, document)
    yield from _confused(comparison.baseline_most_confused, document)
    for one in comparison.per_class:
        if (one.n_improvements is None) != (one.n_regressions is None):
            yield "a class has improvements without regressions, or the reverse"
    yield from _reliability(comparison.baseline_reliability, document)
    if [one.k for one in metrics.top_k] != [one.k for one in document.metrics.top_k]:
        yield "the models have different top_k"
    listed = (
        (comparison.regressions, comparison.n_regressions),
        (comparison.improvements, comparison.n_improvements),
        (comparison.confidence_drops, comparison.n_confidence_drops),
        (comparison.confidence_gains, comparison.n_confidence_gains),
    )
    names = {image.name for image in document.test_set.images or ()}
    for images, n_images in listed:
        if images is not None and len(images) != n_images:
            yield "a list of images in comparison is not as long as its count"
        if {image.image for image in images or ()} - names:
            yield "comparison names an image that is not in test_set.images"


def _predictions(document: ReportDocument) -> Iterator[str]:
    predictions = document.predictions
    if predictions is None:
        return
    if (predictions.baseline is None) != (document.comparison is None):
        yield "predictions.baseline doesn't go with comparison"
    for answers in (predictions.candidate, predictions.baseline):
        if answers is not None:
            yield from _answers(answers, document)


def _answers(answers: AnswersDocument, document: ReportDocument) -> Iterator[str]:
    n_scored, n_classes = document.metrics.n_scored, len(document.test_set.classes)
    rows = answers.log_probabilities
    if len(rows) != n_scored or len(answers.predictions) != n_scored:
        yield "predictions doesn't have a row for each scored image"
    if any(len(row) != n_classes for row in rows):
        yield "log_probabilities doesn't have a column for each class"
    if any(not 0 <= index < n_classes for index in answers.predictions):
        yield "predictions holds a number that is not a class's position"
    if not all(_is_probability_row(row) for row in rows):
        yield "log_probabilities holds a row that isn't logarithms of probabilities"
    known = answers.vocab_labels
    if len(set(known)) != len(known) or set(known) - set(document.test_set.classes):
        yield "vocab_labels repeats a class, or holds a label that is not a class"


def _explanations(document: ReportDocument) -> Iterator[str]:
    names = {image.name for image in document.test_set.images or ()}
    explained = [one.image for one in document.explanations or ()]
    if explained and document.audience == "student":
        yield "a student's edition holds explanations"
    if set(explained) - names or len(set(explained)) != len(explained):
        yield "explanations repeats an image, or names one that is not in test_set.images"


def _robustness(document: ReportDocument) -> Iterator[str]:
    tried = [document.robustness]
    if document.comparison is not None:
        tried.append(document.comparison.baseline_robustness)
    if len({tuple(one.corruption for one in found) for found in tried}) > 1:
        yield "the models were tried on different kinds of worse photos"
    for found in tried:
        names = [one.corruption for one in found]
        if len(set(names)) != len(names):
            yield "a robustness repeats a corruption"
        for one in found:
            is_count = 0 <= one.n_correct <= document.metrics.n_scored
            if not is_count or not math.isclose(
                one.accuracy, one.n_correct / document.metrics.n_scored
            ):
                yield "an accuracy on worse photos is not n_correct / n_scored"


def _is_probability_row(row: tuple[float | None, ...]) -> bool:
    """Whether these can be logarithms of one image's probabilities; None is the logarithm of 0."""
    known = [value for value in row if value is not None]
    if not known or max(known) > _TOLERANCE:
        return False
    return abs(math.fsum(map(math.exp, known)) - 1) <= _TOLERANCE
