"""Results are frozen, and their arrays are checked and read-only."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

from grader import results, scores
from grader.results import ModelOutputs, Predictions
from tests.factories import LABELS, make_model, make_report

VALUES = {value for value in (vars(results) | vars(scores)).values() if is_dataclass(value)}


@pytest.mark.parametrize("kind", sorted(VALUES, key=str))
def test_every_result_is_frozen_and_without_a_dict(kind: type) -> None:
    """No step can change what another step found, nor add to it."""
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # dataclasses hide it
    assert "__slots__" in vars(kind)


def test_a_result_refuses_to_be_changed() -> None:
    """What is frozen stays so."""
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
        Predictions(labels=LABELS, vocab_labels=LABELS, log_probabilities=np.zeros(shape))


def test_probabilities_are_the_exponents() -> None:
    """The most probable class is the prediction, and of equals the first."""
    logs = np.log([[0.25, 0.75], [0.5, 0.5]])
    found = Predictions(labels=LABELS, vocab_labels=LABELS, log_probabilities=logs)
    np.testing.assert_allclose(found.probabilities, [[0.25, 0.75], [0.5, 0.5]])
    assert found.predictions.tolist() == [1, 0]


def test_arrays_of_predictions_are_read_only() -> None:
    """A renderer can't change an answer."""
    logs = np.zeros((1, 2))
    Predictions(labels=LABELS, vocab_labels=LABELS, log_probabilities=logs)
    with pytest.raises(ValueError, match="read-only"):
        logs[0, 0] = 1


def test_arrays_of_outputs_are_read_only() -> None:
    """Neither the logits nor the positions can be changed."""
    outputs = ModelOutputs(
        logits=np.zeros((1, 2)), positions=np.zeros(1, dtype=np.intp), unreadable=()
    )
    with pytest.raises(ValueError, match="read-only"):
        outputs.logits[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        outputs.positions[0] = 1


def test_flips_of_a_comparison_are_counted() -> None:
    """One image broken, one mended."""
    comparison = make_report(candidate=(0, 1, 1, 1), baseline=(0, 0, 1, 0)).comparison
    assert comparison is not None
    assert (comparison.n_regressions, comparison.n_improvements) == (1, 1)
