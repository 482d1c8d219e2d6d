"""Names in messages are quoted, escaped, sorted and cut."""

import pytest

from hidden_test_spec.errors import (
    MAX_FAULTS,
    ExpectedError,
    Fault,
    SpecError,
    list_faults,
    quote,
    quote_all,
)


def test_a_plain_name_is_only_quoted() -> None:
    """Letters of every script, spaces and marks stay as they are."""
    assert quote("cigüeña común 鳥 [x]") == '"cigüeña común 鳥 [x]"'


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[31mred", '"\\x1b[31mred"'),
        ("two\nlines", '"two\\nlines"'),
        ("evil\u202egnp.exe", '"evil\\u202egnp.exe"'),
        ("zero\u200bwidth", '"zero\\u200bwidth"'),
        ("undecodable\udcff", '"undecodable\\udcff"'),
    ],
)
def test_control_and_formatting_characters_are_escaped(name: str, shown: str) -> None:
    """A name can neither colour a terminal nor reverse text."""
    assert quote(name) == shown


def test_names_are_sorted_and_joined() -> None:
    """Up to ten of them are all shown."""
    assert quote_all(["wren", "robin"]) == '"robin", "wren"'


def test_ten_names_are_shown_whole() -> None:
    """Nothing is cut that fits."""
    names = [f"n{number}" for number in range(10)]
    assert quote_all(names) == ", ".join(f'"{name}"' for name in names)


def test_a_long_list_is_cut_with_a_count() -> None:
    """The first ten in order, and how many there are besides."""
    found = quote_all(f"n{number:02}" for number in reversed(range(25)))
    assert found.startswith('"n00", "n01", ')
    assert found.endswith('"n09" and 15 more')


def test_an_expected_error_says_what_where_and_what_to_do() -> None:
    """On a line each, and in its fields; control characters of a path are escaped."""
    error = ExpectedError(what="It is odd", where="a\x1b[31m", advice="look at it")
    assert str(error).splitlines() == [
        "It is odd",
        '  where: "a\\x1b[31m"',
        "  what to do: look at it",
    ]
    assert (error.what, error.where, error.advice) == ("It is odd", "a\x1b[31m", "look at it")


def test_faults_stand_on_a_line_each() -> None:
    """They go below the sentence that ends with a colon."""
    assert f"It is bad:{list_faults(['one', 'two'])}" == "It is bad:\n  - one\n  - two"


def test_as_many_faults_as_are_listed_are_shown_whole() -> None:
    """One more is counted."""
    faults = ["bad"] * MAX_FAULTS
    assert "more" not in list_faults(faults)
    assert list_faults([*faults, "bad"]) == list_faults(faults) + "\n  and 1 more"


def test_an_error_lists_its_faults_with_their_places() -> None:
    """The source's name is escaped, each fault has its line, and advice comes last."""
    faults = (Fault(where="name", problem="is bad"), Fault(where="limits", problem="is worse"))
    lines = str(SpecError(source="a\x07.toml", faults=faults)).splitlines()
    assert lines[0] == 'The spec "a\\x07.toml" has 2 faults:'
    assert lines[1:3] == ["  name: is bad", "  limits: is worse"]
    assert lines[3].startswith("Fix the file and try again")


def test_a_single_fault_is_counted_in_the_singular() -> None:
    """A message reads as a sentence."""
    error = SpecError(source="a.toml", faults=(Fault(where="name", problem="is bad"),))
    assert "has 1 fault:" in str(error)
