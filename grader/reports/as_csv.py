"""Every image's answer as CSV: what was predicted, and with what probabilities."""

import csv
import io

from grader.errors import BadInputError
from grader.results.answers import Predictions
from grader.results.report import Evidence, GradeReport

# What spreadsheets take for a formula, and the mark itself, so that removing it is exact.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_TEXT_MARK = "'"


def predictions_csv(report: GradeReport) -> str:
    """One row for each image of the test set, in its order.

    Columns: image, label, sha256, prediction, probability[<label>] in the order of the model's
    vocab; with a baseline also baseline_prediction and baseline_probability[<label>]. An unreadable
    image has only its name, label and hash. Lines end as in RFC 4180.

    A spreadsheet would run a name that begins with = + - @, a tab or a line end. Such a name, and
    one that begins with an apostrophe, gets an apostrophe in front: to read it back, remove one
    leading apostrophe. Numbers stay as they are.

    Raises:
        BadInputError: If this is a student's edition, which holds no answers.
    """
    if report.evidence is None:
        raise BadInputError(
            what="A student's edition has no answers for individual images, so there is no CSV of "
            "them",
            where=report.model.path,
            advice="choose another form, or use --audience instructor",
        )
    return _table(report.evidence)


def _table(evidence: Evidence) -> str:
    models = [("", evidence.predictions)]
    if evidence.baseline_predictions is not None:
        models.append(("baseline_", evidence.baseline_predictions))
    header = ["image", "label", "sha256"]
    cells_by_row: list[list[str]] = [[] for _ in evidence.scored]
    for prefix, predictions in models:
        header += [f"{prefix}prediction"]
        header += [f"{prefix}probability[{label}]" for label in predictions.vocab_labels]
        answers = _answers(predictions)
        cells_by_row = [old + new for old, new in zip(cells_by_row, answers, strict=True)]
    readable = iter(cells_by_row)
    blank = [""] * (len(header) - 3)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # or a carriage return in a name goes unquoted
    writer.writerow(header)
    for image in evidence.images:
        facts = [_as_text(image.name), _as_text(image.label), image.sha256]
        writer.writerow([*facts, *(next(readable) if image.unreadable is None else blank)])
    return text.getvalue()


def _answers(predictions: Predictions) -> list[list[str]]:
    """Predicted label and probabilities of each row, as text with every digit."""
    columns = [predictions.labels.index(label) for label in predictions.vocab_labels]
    chosen = predictions.probabilities[:, columns].tolist()
    names = [_as_text(predictions.labels[index]) for index in predictions.predictions]
    return [[name, *map(repr, row)] for name, row in zip(names, chosen, strict=True)]


def _as_text(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return _TEXT_MARK + name if name.startswith(FORMULA_STARTS) else name
