"""Every image's answer as CSV: what was predicted, and with what probabilities."""

import csv
import io

from grader.grade_report import Evidence
from grader.results import Predictions


def predictions_csv(evidence: Evidence) -> str:
    """One row for each image of the test set, in its order.

    Columns: image, label, prediction, probability[<label>] in the order of the model's vocab; with
    a baseline also baseline_prediction and baseline_probability[<label>]. An unreadable image has
    only its name and label. Lines end as in RFC 4180.
    """
    models = [("", evidence.predictions)]
    if evidence.baseline_predictions is not None:
        models.append(("baseline_", evidence.baseline_predictions))
    header = ["image", "label"]
    cells_by_row: list[list[str]] = [[] for _ in evidence.scored]
    for prefix, predictions in models:
        header += [f"{prefix}prediction"]
        header += [f"{prefix}probability[{label}]" for label in predictions.vocab_labels]
        answers = _answers(predictions)
        cells_by_row = [old + new for old, new in zip(cells_by_row, answers, strict=True)]
    cells_by_image = {
        image.name: cells for image, cells in zip(evidence.scored, cells_by_row, strict=True)
    }
    blank = [""] * (len(header) - 2)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # or a carriage return in a name goes unquoted
    writer.writerow(header)
    for image in evidence.images:
        writer.writerow([image.name, image.label, *cells_by_image.get(image.name, blank)])
    return text.getvalue()


def _answers(predictions: Predictions) -> list[list[str]]:
    """Predicted label and probabilities of each row, as text that keeps every digit."""
    columns = [predictions.labels.index(label) for label in predictions.vocab_labels]
    chosen = predictions.probabilities[:, columns].tolist()
    names = [predictions.labels[index] for index in predictions.predictions]
    return [[name, *map(repr, row)] for name, row in zip(names, chosen, strict=True)]
