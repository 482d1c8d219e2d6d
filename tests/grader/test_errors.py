"""Errors say what, where and what to do, and each has its exit code."""

import pytest

from grader.errors import (
    BadInputError,
    GraderError,
    MachineError,
    ModelRefusedError,
    UnreadableImageError,
)


@pytest.mark.parametrize(
    ("kind", "exit_code"), [(BadInputError, 3), (ModelRefusedError, 4), (MachineError, 6)]
)
def test_each_error_has_its_own_exit_code(kind: type[GraderError], exit_code: int) -> None:
    """A course's script tells a bad folder from a bad model."""
    assert issubclass(kind, GraderError)
    assert kind.exit_code == exit_code


def test_a_message_says_what_where_and_what_to_do() -> None:
    """On a line each; control characters of a path are escaped."""
    error = BadInputError(what="It is odd", where="a\x1b[31m", advice="look at it")
    assert str(error).splitlines() == [
        "It is odd",
        '  where: "a\\x1b[31m"',
        "  what to do: look at it",
    ]


def test_an_error_keeps_its_parts() -> None:
    """A caller needn't read the message."""
    error = MachineError(what="It is full", where="disk", advice="buy another")
    assert (error.what, error.where, error.advice) == ("It is full", "disk", "buy another")


def test_the_reason_of_an_unreadable_image_is_one_line() -> None:
    """A decoder's message may have several."""
    error = UnreadableImageError(reason=" cut\n  short\t")
    assert error.reason == str(error) == "cut short"


def test_an_unreadable_image_ends_no_run() -> None:
    """It is not one of the grader's errors."""
    assert not issubclass(UnreadableImageError, GraderError)
