import pickletools
from random import Random

import pytest

from acceptance.fuzzing import commands
from acceptance.fuzzing.commands import fault_of
from acceptance.fuzzing.odd_values import ODD, changed, pushed
from tests.grader.loading.reading import graph_of
from tests.hostile import pickle_of, tuple_of


def test_odd_values_can_be_pushed() -> None:
    """Each is a pickle that the standard library can take apart, and our reader read."""
    for value in ODD:
        pickled = pickle_of(pushed(value))
        assert list(pickletools.genops(pickled))[-1][0].name == "STOP"
        graph_of(pickle_of(tuple_of(pushed(value))))


def test_a_changed_structure_is_another_and_leaves_the_first_alone() -> None:
    """Fifty draws change something, and the original stays what it was."""
    original = {"a": [1, 2, {"b": None}], "c": "text"}
    copies = [changed(original, Random(seed), n_changes=3) for seed in range(50)]  # noqa: S311 - drawn again
    assert original == {"a": [1, 2, {"b": None}], "c": "text"}
    assert sum(repr(copy) != repr(original) for copy in copies) > 40


def test_a_traceback_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that ends in an error of Python is told with its last lines."""

    def fail(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("grader.loading.inspecting.inspect_file", fail)
    assert "ZeroDivisionError: planted" in fault_of(["inspect", "missing.pkl"])


def test_a_documented_ending_is_none() -> None:
    """A missing file is bad input, and wrong usage is wrong usage."""
    assert fault_of(["inspect", "missing.pkl"]) == ""
    assert fault_of(["inspect", "--nonsense"]) == ""


def test_a_short_run_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty cases of every kind end as they should."""
    monkeypatch.setattr("sys.argv", ["commands", "--cases", "60", "--seed", "3"])
    assert commands.main() == 0
