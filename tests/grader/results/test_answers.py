"""Results are frozen, and their arrays are checked and read-only."""

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.results import answers as results
from grader.results import comparisons, scores
from grader.results import report as grade_report
from grader.results.answers import ModelOutputs, Predictions
from grader.results.report import ImageRecord
from tests.factories import LABELS, as_targets, make_model, make_report

MODULES = (comparisons, grade_report, results, scores)
VALUES = {value for one in MODULES for value in vars(one).values() if is_dataclass(value)}


def predictions_of(log_probabilities: NDArray[np.float64], predicted: Sequence[int]) -> Predictions:
    """Predictions of two classes."""
    return Predictions(
        labels=LABELS,
        vocab_labels=LABELS,
        log_probabilities=log_probabilities,
        predictions=as_targets(predicted),
    )


@pytest.mark.parametrize("kind", sorted(VALUES, key=str))
def test_every_result_is_frozen_and_without_a_dict(kind: type) -> None:
    """No step can change what another step found, nor add to it."""
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # dataclasses hide it
    assert "__slots__" in vars(kind)


def test_a_result_refuses_to_be_changed() -> None:
    """A frozen value can't be changed."""
    model = make_model()
    with pytest.raises(FrozenInstanceError, match="path"):
        model.path = "other"  # type: ignore[misc]  # mypy sees it too


def test_collections_of_a_report_are_tuples() -> None:
    """A list could be changed behind a report's back."""
    report = make_report(baseline=(0, 0, 1, 0))
    values = [getattr(report, field.name) for field in fields(report)]
    assert not [value for value in values if isinstance(value, (list, dict, set))]


@pytest.mark.parametrize("shape", [(2,), (3, 1), (3, 3), (1, 2, 2)])
def test_log_probabilities_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    """There is a column for each class."""
    with pytest.raises(ValueError, match="must have the shape"):
        predictions_of(np.zeros(shape), [0] * shape[0])


def test_probabilities_are_the_exponents() -> None:
    """Of the log probabilities."""
    found = predictions_of(np.log([[0.25, 0.75], [0.5, 0.5]]), [1, 1])
    np.testing.assert_allclose(found.probabilities, [[0.25, 0.75], [0.5, 0.5]])


@pytest.mark.parametrize("predicted", [[], [1], [1, 0, 0]])
def test_there_is_one_prediction_for_each_image(predicted: list[int]) -> None:
    """No more and no fewer."""
    with pytest.raises(ValueError, match=r"must have the shape \(n_scored,\)"):
        predictions_of(np.log([[0.25, 0.75], [0.5, 0.5]]), predicted)


def test_a_class_below_the_top_is_no_prediction() -> None:
    """Of classes that tie, either may be."""
    logs = np.log([[0.25, 0.75], [0.5, 0.5]])
    assert predictions_of(logs, [1, 0]).predictions.tolist() == [1, 0]
    assert predictions_of(logs, [1, 1]).predictions.tolist() == [1, 1]
    with pytest.raises(ValueError, match="must be most probable classes"):
        predictions_of(logs, [0, 0])


def test_ties_are_exact() -> None:
    """Three classes that tie for the top are one tie; a hair's breadth apart is not a tie."""
    third, hair = 1 / 3, 1e-15
    logs = np.log(
        [[third, third, third], [0.5, 0.5, 1e-9], [0.4 + hair, 0.4, 0.2], [0.6, 0.2, 0.2]]
    )
    found = Predictions(
        labels=("a", "b", "c"),
        vocab_labels=("a", "b", "c"),
        log_probabilities=logs,
        predictions=as_targets([2, 1, 0, 0]),
    )
    assert found.n_ties == 2


def test_arrays_of_predictions_are_read_only() -> None:
    """A renderer can't change an answer."""
    found = predictions_of(np.zeros((1, 2)), [0])
    with pytest.raises(ValueError, match="read-only"):
        found.log_probabilities[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        found.predictions[0] = 1


def test_arrays_of_outputs_are_read_only() -> None:
    """Neither the logits nor the positions can be changed."""
    outputs = ModelOutputs(
        logits=np.zeros((1, 2)), positions=np.zeros(1, dtype=np.intp), unreadable=()
    )
    with pytest.raises(ValueError, match="read-only"):
        outputs.logits[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        outputs.positions[0] = 1


def test_evidence_tells_the_scored_images_from_the_others() -> None:
    """Those that could be read, in order."""
    broken = ImageRecord(name="robin/x.png", label="robin", sha256="0" * 64, unreadable="cut off")
    evidence = make_report(unreadable=(broken,)).evidence
    assert evidence is not None
    assert evidence.unreadable == (broken,)
    assert [image.name for image in evidence.scored] == [
        "robin/0.png",
        "robin/1.png",
        "wren/2.png",
        "wren/3.png",
    ]
